//! `new-site`: begins the table of a chat site. The tests refuse it until it is complete.

use std::fs;
use std::path::Path;

use crate::problem::Problem;
use crate::repo::Repo;

/// The table as it begins.
const TABLE: &str = include_str!("new_site.txt");
/// Where tables are listed.
const LIST: &str = "src/sites/mod.rs";

/// Begins a table and says what is to be done.
///
/// # Errors
/// When the name cannot be one or is taken, and when a file cannot be written.
pub fn run(repo: &Repo, name: &str) -> Result<(), Problem> {
    begin(&repo.root, name)?;
    say!("Begun: src/sites/{name}.rs, listed in {LIST}. Now");
    say!("- replace every FILL there, and leave rows out that the site has nothing for;");
    say!("- write pages of your own in its shapes under tests/pages/{name}-MONTH/: new-chat,");
    say!("  long, busy, limit (.html), each with an .expect (tests/pages/README.md says how);");
    say!("- compare: cargo xtask read tests/pages/{name}-MONTH/long.html --site {name}");
    say!("- prove: cargo test --test it. It fails until the table is complete.");
    Ok(())
}

fn begin(root: &Path, name: &str) -> Result<(), Problem> {
    let good = (2..=20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase());
    if !good {
        let text = format!("`{name}` cannot be a site's name: use 2 to 20 letters from a to z");
        return Err(Problem::Usage(text));
    }
    let table = root.join(format!("src/sites/{name}.rs"));
    let folder = root.join("src/sites").join(name);
    let list = root.join(LIST);
    let listed = fs::read_to_string(&list).map_err(|e| Problem::file("read", &list, &e))?;
    if table.exists() || folder.exists() || listed.contains(&format!("mod {name};")) {
        return Err(Problem::Usage(format!("src/sites has `{name}` already: edit that")));
    }
    let with = with_site(&listed, name).ok_or_else(|| {
        Problem::Failed(format!("{LIST} has no list of tables any more: list `{name}` by hand"))
    })?;
    fs::write(&table, TABLE.replace("NAME", name))
        .map_err(|e| Problem::file("write", &table, &e))?;
    fs::write(&list, with).map_err(|e| Problem::file("write", &list, &e))
}

/// The list of tables with one more: its module in its place by the alphabet, itself at the end.
fn with_site(listed: &str, name: &str) -> Option<String> {
    let end = listed.find("pub static ALL").and_then(|at| {
        let rest = listed.get(at..)?;
        rest.find("];").map(|more| at + more)
    })?;
    let mut out = String::with_capacity(listed.len() + 80);
    let (before, after) = listed.split_at_checked(end)?;
    let line = format!("mod {name};");
    let module =
        |line: &str| line.trim_start_matches("pub ").strip_prefix("mod ").map(str::to_owned);
    let mut written = false;
    for old in before.lines() {
        let later = module(old).is_some_and(|old| old > format!("{name};"));
        // Behind the last module, where none is later.
        let past = !written && old.is_empty() && out.lines().last().and_then(module).is_some();
        if !written && (later || past) {
            out.push_str(&line);
            out.push('\n');
            written = true;
        }
        out.push_str(old);
        out.push('\n');
    }
    out.push_str(&format!("    {name}::SITE,\n"));
    out.push_str(after);
    written.then_some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    const LISTED: &str = "//! x\n\nmod alpha;\npub mod css;\nmod gamma;\n\nuse crate::a;\n\n\
         pub static ALL: &[Site] = &[\n    alpha::SITE,\n    gamma::SITE,\n];\nend\n";

    #[test]
    fn a_table_is_begun_and_listed_once() {
        let root = std::env::temp_dir().join(format!("xtask-new-site-{}", std::process::id()));
        fs::create_dir_all(root.join("src/sites")).unwrap();
        fs::write(root.join(LIST), LISTED).unwrap();
        begin(&root, "beta").unwrap();
        let listed = fs::read_to_string(root.join(LIST)).unwrap();
        assert!(listed.contains("mod alpha;\nmod beta;\npub mod css;\n"), "{listed}");
        assert!(listed.contains("    gamma::SITE,\n    beta::SITE,\n];\nend\n"), "{listed}");
        let table = fs::read_to_string(root.join("src/sites/beta.rs")).unwrap();
        assert!(table.contains("name: \"beta\"") && table.contains("FILL"));
        for name in ["beta", "css", "x", "No", "a-b", "../up", ""] {
            assert!(matches!(begin(&root, name), Err(Problem::Usage(_))), "{name}");
        }
        begin(&root, "zeta").unwrap();
        let listed = fs::read_to_string(root.join(LIST)).unwrap();
        assert!(listed.contains("mod gamma;\nmod zeta;\n\nuse"), "{listed}");
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn the_real_list_takes_one_more() {
        let listed = include_str!("../../src/sites/mod.rs");
        let with = with_site(listed, "zebra").unwrap();
        assert_eq!(with.len(), listed.len() + "mod zebra;\n    zebra::SITE,\n".len());
        assert!(with.contains("    zebra::SITE,\n];"));
    }
}
