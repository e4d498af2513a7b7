//! The command line, read.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use super::*;

fn ok(line: &str) -> Command {
    parse(line.split_whitespace().map(OsString::from)).unwrap()
}

fn refused(line: &str) -> String {
    match parse(line.split_whitespace().map(OsString::from)) {
        Err(Problem::Usage(text)) => text,
        other => panic!("`{line}` gave {other:?}"),
    }
}

#[test]
fn run_has_its_defaults_and_takes_each_option() {
    let plain = Run {
        browser: Browser::Chromium,
        headless: false,
        json: None,
        site: Site::Claude,
        csp: Csp::Permissive,
    };
    assert_eq!(ok("run"), Command::Run(plain));
    let Command::Run(run) =
        ok("run --browser=firefox --headless --json o.json --site chatgpt --csp strict")
    else {
        panic!("not a run")
    };
    assert_eq!((run.browser, run.site, run.csp), (Browser::Firefox, Site::Chatgpt, Csp::Strict));
    assert!(run.headless);
    let json = run.json.unwrap();
    assert!(json.is_absolute() && json.ends_with("o.json"), "{}", json.display());
}

#[test]
fn every_command_has_its_own_help() {
    let texts: Vec<_> = [
        "",
        "build ",
        "run ",
        "test ",
        "lab ",
        "bench ",
        "dump ",
        "watch ",
        "torture ",
        "sim ",
        "read ",
        "replay ",
        "new-site ",
        "coverage ",
    ]
    .map(|command| ok(&format!("{command}--help")))
    .into_iter()
    .map(|command| match command {
        Command::Help(text) => text,
        other => panic!("no help: {other:?}"),
    })
    .collect();
    let different: std::collections::BTreeSet<_> = texts.iter().collect();
    assert_eq!(different.len(), texts.len());
    assert_eq!(ok(""), Command::Help(help::ALL));
}

#[test]
fn suites_exclude_each_other() {
    assert_eq!(ok("test"), Command::Test(Suite::Ordinary));
    assert_eq!(ok("test --quick"), Command::Test(Suite::Quick));
    assert_eq!(ok("test --apps"), Command::Test(Suite::Apps));
    assert!(refused("test --quick --full").contains("only one"));
}

#[test]
fn what_is_unknown_or_malformed_is_named() {
    assert!(refused("fly").contains("`fly`"));
    assert!(refused("build --fast").contains("--fast"));
    assert!(refused("build extra").contains("extra"));
    assert!(refused("run --browser opera").contains("`opera`"));
    assert!(refused("run --browser").contains("--browser needs a value"));
    assert!(refused("lab --csp lax").contains("`lax`"));
    assert!(refused("lab --renderer old").contains("`old`"));
    assert!(refused("lab --port 70000").contains("70000"));
    assert!(refused("lab --port x").contains("0 to 65535"));
    assert!(refused("--frobnicate").contains("--frobnicate"));
}

#[test]
fn lab_and_bench_take_theirs() {
    let (site, csp, renderer) = (Site::Chatgpt, Csp::Strict, Renderer::July);
    let lab = Lab { site, csp, renderer, port: 9000 };
    let line = "lab --site chatgpt --csp strict --renderer 2026-07 --port 9000";
    assert_eq!(ok(line), Command::Lab(lab));
    let only = vec!["popup".into(), "memory".into()];
    let bench = Bench { browser: Some(Browser::Firefox), json: None, seconds: Some(60), only };
    let line = "bench --browser firefox --seconds 60 --only popup --only memory";
    assert_eq!(ok(line), Command::Bench(bench));
}

#[test]
fn dump_recognises_a_profile_or_is_told() {
    let folder = std::env::temp_dir().join(format!("xtask-profile-{}", std::process::id()));
    for (file, browser) in [("Local State", Browser::Chromium), ("prefs.js", Browser::Firefox)] {
        std::fs::create_dir_all(&folder).unwrap();
        let line = format!("dump --json o.json --profile {}", folder.display());
        assert!(refused(&line).contains("--browser"), "an empty folder tells nothing");
        std::fs::write(folder.join(file), "").unwrap();
        let Command::Dump(dump) = ok(&line) else { panic!("not a dump") };
        assert_eq!((dump.browser, &dump.profile), (browser, &folder));
        let Command::Dump(told) = ok(&format!("{line} --browser firefox")) else {
            panic!("not a dump")
        };
        assert_eq!(told.browser, Browser::Firefox);
        std::fs::remove_dir_all(&folder).unwrap();
    }
    assert!(
        refused(&format!("dump --json o --profile {}", folder.display())).contains("no folder")
    );
    assert!(refused("dump --json o.json").contains("--profile DIR"));
}

#[test]
fn watch_hands_on_what_it_is_given_with_whole_paths() {
    let Command::Watch(watch) =
        ok("watch --url http://a/ --json o.json --script s --map a=1 --map b=2 --browser firefox \
         --window --by-shape")
    else {
        panic!("not a watch")
    };
    assert_eq!(watch.browser, Browser::Firefox);
    let words: Vec<_> = watch.options.iter().map(|word| word.to_string_lossy()).collect();
    let at = |name: &str| words.iter().position(|word| word == name).unwrap();
    assert_eq!(words[at("--url") + 1], "http://a/");
    for name in ["--json", "--script"] {
        assert!(std::path::Path::new(&*words[at(name) + 1]).is_absolute(), "{name}");
    }
    assert_eq!(words.iter().filter(|word| *word == "--map").count(), 2);
    assert!(words.contains(&"--window".into()) && words.contains(&"--by-shape".into()));
    assert!(refused("watch --json o.json").contains("--url"));
    assert!(refused("watch --url u").contains("--json"));
}

#[test]
fn sim_takes_a_seed_or_a_report() {
    let sim = |seed, count, steps| Command::Sim(Sim::Seeds { seed, count, steps });
    assert_eq!(ok("sim --seed 7"), sim(7, 1, None));
    assert_eq!(ok("sim --seed 0 --count 200 --steps 2500"), sim(0, 200, Some(2_500)));
    let Command::Sim(Sim::Report(file)) = ok("sim --report r.json") else { panic!("no report") };
    assert!(file.is_absolute() && file.ends_with("r.json"));
    for wrong in ["sim", "sim --seed 1 --report r.json", "sim --report r.json --steps 4"] {
        assert!(refused(wrong).contains("--report FILE"), "{wrong}");
    }
    assert!(refused("sim --seed x").contains("--seed"));
}

#[test]
fn read_hands_on_every_word() {
    let words = ["page.html", "--url", "https://a/"].map(OsString::from).to_vec();
    assert_eq!(ok("read page.html --url https://a/"), Command::Read(words));
    assert_eq!(ok("read page.html --help"), Command::Help(help::READ));
}

#[test]
fn new_site_takes_one_name() {
    assert_eq!(ok("new-site bean"), Command::NewSite("bean".to_owned()));
    assert!(refused("new-site").contains("NAME"));
    assert!(refused("new-site a b").contains("\"b\""));
}

#[test]
fn coverage_takes_one_switch() {
    assert_eq!(ok("coverage"), Command::Coverage(Coverage { missing: false }));
    assert_eq!(ok("coverage --missing"), Command::Coverage(Coverage { missing: true }));
    assert!(refused("coverage --all").contains("--all"));
}
