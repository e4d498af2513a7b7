//! Which commands and statements destroy, replace or publish something: a table, and just enough
//! of a shell's grammar to know a command from a text about it.

/// Shell commands, one a row: program, then words that must follow in this order, with at most
/// one other word before each, then flags that may stand anywhere after. `|` parts alternatives,
/// a final `*` stands for any ending, `-rf` for a short flag with one of these letters.
const COMMANDS: [&str; 64] = [
    // Deletes.
    "rm -rRf|--recursive|--force",
    "rmdir|rd|del|erase /s|/q|/f",
    "remove-item|ri -Recurse|-Force",
    "find -delete",
    "shred",
    "wipefs",
    "mkfs*",
    "dd of=*",
    "truncate -s|--size*",
    "dropdb",
    "redis-cli flushall|flushdb",
    "docker system|volume|image|container|builder prune",
    "docker volume rm",
    "docker compose down -v|--volumes",
    "docker-compose down -v|--volumes",
    "aws s3 rm|rb",
    "aws delete-*|terminate-*",
    "gcloud delete",
    "az delete",
    "gsutil rm",
    // Overwrites.
    "mv|cp -f|--force",
    "git push -fd|--force*|--delete|--mirror|+*",
    "git reset --hard",
    "git clean -f|--force",
    "git checkout --",
    "git checkout|restore .",
    "git branch -D",
    "git stash drop|clear",
    "git filter-branch|filter-repo",
    "aws s3 sync --delete",
    "rsync --delete*",
    // Deploys and publishes.
    "kubectl delete|apply|replace|drain",
    "kubectl rollout restart|undo",
    "helm install|upgrade|uninstall|rollback",
    "terraform|tofu apply|destroy",
    "pulumi up|destroy",
    "cdk|sst|sls|serverless deploy|destroy|remove",
    "vercel|netlify|fly|flyctl|firebase|wrangler|eb|cap|gcloud deploy",
    "vercel --prod",
    "railway up",
    "aws cloudformation deploy",
    "ansible-playbook",
    "npm|pnpm|yarn|bun|make|just|task deploy|deploy:*|publish|migrate|migrate:*|db:*",
    "cargo|poetry|uv publish",
    "twine upload",
    "gem|docker push",
    // Migrates.
    "manage.py migrate|flush",
    "rails|rake db:migrate*|db:drop*|db:reset*|db:rollback*|db:schema:load*",
    "prisma migrate dev|deploy|reset",
    "prisma db push",
    "alembic upgrade|downgrade",
    "flyway migrate|clean",
    "liquibase update|rollback",
    "knex migrate:*",
    "sequelize|sequelize-cli db:*",
    "typeorm migration:run|migration:revert|schema:drop",
    "sqlx migrate run|revert",
    "diesel migration run|revert|redo",
    "artisan migrate*",
    "dotnet database update|drop",
    "mix ecto.migrate|ecto.drop|ecto.reset|ecto.rollback",
    "drizzle-kit push|migrate",
    "supabase db push|reset",
    "goose|dbmate up|down|drop|rollback",
];

/// Programs that run what their arguments say: any of those may begin the command.
const RUNNERS: [&str; 32] = [
    "sudo",
    "doas",
    "env",
    "time",
    "nohup",
    "exec",
    "xargs",
    "nice",
    "timeout",
    "watch",
    "ssh",
    "bash",
    "sh",
    "zsh",
    "fish",
    "cmd",
    "powershell",
    "pwsh",
    "npx",
    "bunx",
    "npm",
    "pnpm",
    "yarn",
    "docker",
    "kubectl",
    "poetry",
    "uv",
    "bundle",
    "python",
    "python3",
    "php",
    "find",
];

/// Programs that run SQL from an argument.
const SQL_CLIENTS: [&str; 9] = [
    "psql",
    "mysql",
    "mariadb",
    "sqlite3",
    "sqlcmd",
    "duckdb",
    "clickhouse-client",
    "cockroach",
    "bq",
];

/// Words of one command that are looked at.
const WORDS: usize = 100;

/// The first risky command in a piece of shell text, as it stands there.
pub(super) fn risky_command(code: &str) -> Option<String> {
    commands(code).into_iter().find(|words| is_risky(words, 2)).map(|words| words.join(" "))
}

/// The first risky statement in a piece of SQL, as it stands there.
pub(super) fn risky_statement(code: &str) -> Option<String> {
    let lines: Vec<&str> =
        code.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let code = lines.join(" ");
    code.split(';').find(|statement| destroys(statement)).map(|found| found.trim().to_owned())
}

fn destroys(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || c == '(' || c == '"')
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    match words.as_slice() {
        ["drop", what, _, ..] => {
            matches!(*what, "table" | "database" | "schema" | "view" | "index" | "user" | "role")
        }
        ["truncate", "table", _, ..] => true,
        ["truncate", name] => !name.starts_with('-'),
        ["delete", "from", _, ..] => !has("where"),
        ["update", _, "set", ..] => !has("where"),
        ["alter", "table", _, ..] => has("drop"),
        _ => false,
    }
}

fn is_risky(words: &[String], depth: usize) -> bool {
    let start = words.iter().take_while(|word| is_noise(word)).count();
    let words = words.get(start..).unwrap_or_default();
    let Some(first) = words.first().map(|word| program(word)) else { return false };
    if is_listed(words) {
        return true;
    }
    if SQL_CLIENTS.contains(&first.as_str()) {
        return words.iter().any(|word| risky_statement(word).is_some());
    }
    let runs = depth > 0 && RUNNERS.contains(&first.as_str());
    runs && (1..words.len()).any(|at| {
        let rest = words.get(at..).unwrap_or_default();
        let quoted = rest.first().filter(|word| word.contains(' '));
        quoted.is_some_and(|text| commands(text).iter().any(|inner| is_risky(inner, depth - 1)))
            || is_listed(rest)
            || (rest.first().is_some_and(|word| SQL_CLIENTS.contains(&word.as_str()))
                && is_risky(rest, depth - 1))
    })
}

/// A prompt, or a variable set for one command.
fn is_noise(word: &str) -> bool {
    matches!(word, "$" | "%" | ">" | "PS") || (word.contains('=') && !word.starts_with('-'))
}

fn program(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

/// Flags are all that is no plain word, `of=…`, `+main` and `/s` included.
fn is_flag(word: &str) -> bool {
    word.starts_with(['-', '+']) || word.contains('=') || (word.len() == 2 && word.starts_with('/'))
}

/// Whether a row of the table fits a command.
fn is_listed(words: &[String]) -> bool {
    let Some(name) = words.iter().find(|word| !is_flag(word)).map(|word| program(word)) else {
        return false;
    };
    COMMANDS.iter().any(|row| fits(row, &name, words))
}

fn fits(row: &str, name: &str, words: &[String]) -> bool {
    let mut plain = words.iter().filter(|word| !is_flag(word)).skip(1);
    for (at, pattern) in row.split(' ').enumerate() {
        let is_flags = is_flag(pattern.split('|').next().unwrap_or(pattern));
        let found = if is_flags {
            words.iter().skip(1).any(|word| is_flag(word) && any_of(pattern, word))
        } else if at == 0 {
            any_of(pattern, name)
        } else {
            plain.by_ref().take(2).any(|word| any_of(pattern, &word.to_ascii_lowercase()))
        };
        if !found {
            return false;
        }
    }
    true
}

fn any_of(pattern: &str, word: &str) -> bool {
    pattern.split('|').any(|one| {
        let letters =
            one.strip_prefix('-').filter(|rest| rest.len() <= 3 && !rest.starts_with('-'));
        match (letters, one.strip_suffix('*')) {
            (Some(letters), _) => {
                word.len() <= 6
                    && !word.starts_with("--")
                    && word.starts_with('-')
                    && word.chars().any(|c| letters.contains(c))
            }
            (None, Some(start)) => word.starts_with(start),
            (None, None) => word.eq_ignore_ascii_case(one),
        }
    })
}

/// The commands of a text, each as its words. Where a quote is never closed, which an apostrophe
/// in a line of output does, every line is read on its own.
fn commands(code: &str) -> Vec<Vec<String>> {
    match scan(code) {
        (all, false) => all,
        (_, true) => code.lines().flat_map(|line| scan(line).0).collect(),
    }
}

/// Quotes hold a word together; comments are left out. Tells too whether a quote is still open.
fn scan(code: &str) -> (Vec<Vec<String>>, bool) {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut quote = None;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.push(c),
            (None, '"' | '\'' | '`') => quote = Some(c),
            // The line goes on below.
            (None, '\\') if chars.peek() == Some(&'\n') => drop(chars.next()),
            (None, '#') if word.is_empty() => {
                while chars.next_if(|&next| next != '\n').is_some() {}
            }
            (None, '\n' | ';' | '|' | '&' | '(' | ')') => {
                end_word(&mut word, &mut words);
                all.push(std::mem::take(&mut words));
            }
            (None, _) if c.is_whitespace() => end_word(&mut word, &mut words),
            (None, _) => word.push(c),
        }
    }
    end_word(&mut word, &mut words);
    all.push(words);
    all.retain(|words| !words.is_empty());
    (all, quote.is_some())
}

fn end_word(word: &mut String, words: &mut Vec<String>) {
    let word = std::mem::take(word);
    if !word.is_empty() && words.len() < WORDS {
        words.push(word);
    }
}
