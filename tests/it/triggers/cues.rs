//! What counts as a milestone, and what as a risky operation.

use super::{answer, due, minute, with_call};
use shim::base::chance::Chance;
use shim::session::triggers::{Triggers, cues_of};
use shim::wire::chat::{CallState, Role, Turn, TurnState};
use shim::wire::signals::Signals;
use shim::wire::state::Trigger;

fn is_milestone(markdown: &str) -> bool {
    cues_of(&[answer(markdown)]).milestone
}

#[test]
fn milestones_in_words() {
    for text in [
        "All tests pass.",
        "Good news: **all 42 tests passed**!",
        "I fixed the parser in `src/main.rs`. All tests are passing now.",
        "The tests are green",
        "The whole test suite passes.",
        "Result: 12 passed, 0 failed",
        "Tests: 12 passed, 12 total",
        "- [x] write the codec\n- [ ] write the meter",
        "2. [X] deploy",
        "☑ schema",
        "````md\n```\nx\n```\n````\nAll tests pass.",
    ] {
        assert!(is_milestone(text), "{text}");
    }
}

#[test]
fn what_is_no_milestone() {
    for text in [
        "",
        "Once all tests pass, we merge.",
        "Make sure all tests pass.",
        "Do all tests pass?",
        "Not all tests pass.",
        "All tests should pass now.",
        "When `main.rs` is right, all tests pass.",
        "I can't say that all tests pass.",
        "11 passed, 1 failed",
        "0 passed, 0 failed",
        "I passed 3 arguments; the 2 passed values are equal.",
        "ok so 3s later it works",
        "- [ ] all tests pass",
        "[x]",
        "```\nAll tests pass.\n- [x] done\n```",
        "~~~\n- [x] a\n```\n- [x] b",
        "This passes all values on.",
    ] {
        assert!(!is_milestone(text), "{text}");
    }
    let user = Turn { role: Role::User, ..answer("All tests pass.") };
    assert!(!cues_of(&[user]).milestone);
}

/// A line that is still being written may go on to say the opposite.
#[test]
fn a_half_written_line_is_no_milestone() {
    let streaming = |text: &str| Turn { state: TurnState::Streaming, ..answer(text) };
    assert!(!cues_of(&[streaming("All tests pass")]).milestone);
    assert!(!cues_of(&[streaming("```sh\nrm -rf bui")]).risky_operation);
    assert!(cues_of(&[streaming("All tests pass.\nNow")]).milestone);
    assert!(cues_of(&[streaming("```sh\nrm -rf build\nls")]).risky_operation);
}

#[test]
fn green_runs_are_milestones() {
    let green =
        |result: &str| cues_of(&[with_call("bash", "{}", result, CallState::Done)]).milestone;
    for result in [
        "running 3 tests\ntest result: ok. 3 passed; 0 failed; 0 ignored",
        "===== 12 passed, 1 warning in 0.31s =====",
        "Tests:       4 passed, 4 total",
        "  7 passing (12ms)",
        "Ran 5 tests in 0.002s\n\nOK",
        "ok  \texample.com/x\t0.012s",
        "Tests run: 9, Failures: 0, Errors: 0, Skipped: 0",
    ] {
        assert!(green(result), "{result}");
    }
    for result in [
        "",
        "test result: FAILED. 2 passed; 1 failed",
        "test result: ok. 3 passed; 0 failed\ntest result: FAILED. 0 passed; 1 failed",
        "ok  \texample.com/x\t0.012s\nFAIL\texample.com/y",
        "Tests run: 9, Failures: 2, Errors: 0",
        "0 passed",
        "Compiled in 3s",
        "5 tests ran",
    ] {
        assert!(!green(result), "{result}");
    }
    let running = with_call("bash", "{}", "3 passed", CallState::Running);
    assert!(!cues_of(&[running]).milestone);
}

/// A plan's item is news when it is first seen done, and never again.
#[test]
fn each_item_is_news_once() {
    let mut triggers = Triggers::default();
    let mut step = 0;
    let mut tell = |turn: Turn| {
        step += 1;
        let told = due(&mut triggers, minute(step), &Signals::default(), &cues_of(&[turn]));
        triggers.done(minute(step));
        told
    };
    let milestone = Some(Trigger::Milestone);
    assert_eq!(tell(answer("- [x] one\n- [ ] two")), milestone);
    assert_eq!(tell(answer("- [x] one\n- [ ] two\nmore")), None);
    assert_eq!(tell(Turn { key: "later".into(), ..answer("* [x]  One") }), None);
    assert_eq!(tell(answer("- [x] one\n- [x] two")), milestone);
    let plan = r#"{"todos":[{"content":"two","status":"completed"},
        {"content":"three","status":"STATUS"}]}"#;
    let todo =
        |status: &str| with_call("TodoWrite", &plan.replace("STATUS", status), "", CallState::Done);
    assert_eq!(tell(todo("in_progress")), None);
    assert_eq!(tell(todo("completed")), milestone);
    assert_eq!(tell(answer("All tests pass.")), milestone);
    assert_eq!(tell(answer("All tests pass. More to come.")), None);
    assert_eq!(tell(Turn { key: "later".into(), ..answer("All tests pass.") }), milestone);
}

fn fenced(language: &str, code: &str) -> bool {
    cues_of(&[answer(&format!("Run this:\n\n```{language}\n{code}\n```\n"))]).risky_operation
}

/// Commands that are about to run, in a running call and in a fence alike.
#[test]
fn risky_commands_are_known() {
    for command in [
        "rm -rf build",
        "sudo rm -r /var/lib/x",
        "$ rm --force a b",
        "cd /tmp && rm -fr x",
        "ls | xargs rm -f",
        "find . -name '*.tmp' -delete",
        "find . -type d -exec rm -rf {} +",
        "bash -c \"cd x; rm -rf y\"",
        "ssh host 'sudo rm -rf /srv'",
        "FORCE=1 rm -rf x",
        "git push --force",
        "git push origin main -f",
        "git push --force-with-lease origin x",
        "git push origin +main",
        "git -C repo reset --hard HEAD~1",
        "git clean -fdx",
        "git checkout -- .",
        "git branch -D old",
        "dd if=a.img of=/dev/sdb bs=4M",
        "mkfs.ext4 /dev/sdb1",
        "Remove-Item -Path x -Recurse",
        "del /s *.log",
        "kubectl -n prod delete pod x",
        "kubectl apply -f x.yaml",
        "terraform destroy -auto-approve",
        "npx vercel --prod",
        "npm run deploy",
        "npm publish",
        "cargo publish",
        "fly deploy",
        "python manage.py migrate",
        "bundle exec rails db:drop",
        "npx prisma migrate reset",
        "php artisan migrate:fresh",
        "alembic upgrade head",
        "docker system prune -a",
        "docker compose down -v",
        "psql -c 'DROP TABLE users'",
        "sudo -u postgres psql app -c \"DELETE FROM users;\"",
        "cat <<EOF\nit's fine\nEOF\nrm -rf x",
    ] {
        assert!(fenced("bash", command), "{command}");
        assert!(fenced("", command), "{command}");
        let args = serde_json::json!({ "command": command }).to_string();
        let running = with_call("mcp:start_process", &args, "", CallState::Running);
        assert!(cues_of(&[running]).risky_operation, "{command}");
    }
}

#[test]
fn harmless_commands_are_known() {
    for command in [
        "ls -rf",
        "rm notes.txt",
        "echo rm -rf /",
        "grep -r 'rm -rf' .",
        "# rm -rf build",
        "ls # then rm -rf build",
        "man rm",
        "git push origin main",
        "git push -u origin feature",
        "git commit -m 'git push --force'",
        "git checkout -b fix",
        "git branch -d merged",
        "git reset HEAD~1",
        "git log --force",
        "kubectl get pods",
        "terraform plan",
        "npm run build",
        "npm install",
        "docker ps -f name=x",
        "psql -c 'SELECT * FROM users'",
        "echo 'DROP TABLE users'",
        "cargo test --release",
        "rmdir empty",
        "cp a b",
        "farm -rf x",
    ] {
        assert!(!fenced("bash", command), "{command}");
        let args = serde_json::json!({ "command": command }).to_string();
        let running = with_call("bash", &args, "", CallState::Running);
        assert!(!cues_of(&[running]).risky_operation, "{command}");
    }
}

#[test]
fn risky_statements_are_known() {
    for (statement, risky) in [
        ("DROP TABLE users;", true),
        ("drop database if exists app", true),
        ("TRUNCATE TABLE logs;", true),
        ("truncate logs", true),
        ("DELETE FROM users;", true),
        ("DELETE FROM users\nWHERE id = 7;", false),
        ("UPDATE users SET admin = 1", true),
        ("UPDATE users SET admin = 1 WHERE id = 7", false),
        ("ALTER TABLE users DROP COLUMN mail", true),
        ("ALTER TABLE users ADD COLUMN mail text", false),
        ("SELECT 1; DROP TABLE users", true),
        ("-- DROP TABLE users\nSELECT 1", false),
        ("SELECT 'drop table x'", false),
        ("CREATE TABLE drops (id int)", false),
    ] {
        assert_eq!(fenced("sql", statement), risky, "{statement}");
    }
}

/// Talk about a command, or code that only holds it, runs nothing.
#[test]
fn talk_is_no_operation() {
    for text in [
        "Never run `rm -rf /`, it deletes everything.",
        "rm -rf build would remove it.\n\n    rm -rf build",
        "Use DROP TABLE with care.",
        "```python\nos.system('rm -rf build')\n```",
        "```rust\n// rm -rf build\n```",
        "```diff\n- rm -rf build\n```",
        "```text\nrm -rf build\n```",
        "```rm -rf build``` is what it is called.",
    ] {
        assert!(!cues_of(&[answer(text)]).risky_operation, "{text}");
    }
    let user = Turn { role: Role::User, ..answer("```sh\nrm -rf x\n```") };
    assert!(!cues_of(&[user]).risky_operation);
    // An answer of long ago, found again on the page.
    let old = answer("```sh\nrm -rf x\n```");
    let newer = Turn { key: "newer".into(), position: 9, ..answer("Hello.") };
    assert!(!cues_of(&[old, newer]).risky_operation);
}

#[test]
fn risky_calls_are_known_by_name_and_arguments() {
    let risky = |name: &str, args: &str, state| {
        cues_of(&[with_call(name, args, "", state)]).risky_operation
    };
    let running = |name: &str, args: &str| risky(name, args, CallState::Running);
    assert!(running("delete_file", r#"{"path":"a"}"#));
    assert!(running("deployToVercel", "{}"));
    assert!(running("fs:remove", "not json"));
    assert!(running("write_file", r#"{"path":"a","overwrite":true}"#));
    assert!(running("shell", r#"{"command":["git","push","--force"]}"#));
    assert!(running("shell", r#"{"command":["bash","-lc","rm -rf x"]}"#));
    assert!(running("anything", r#"{"cmd":"rm -rf x"}"#));
    assert!(running("bash", "rm -rf x"));
    assert!(running("bash", r#"{"command":"rm -rf x"#), "cut short");
    assert!(running("execute_sql", r#"{"query":"DROP TABLE users"}"#));
    for (name, args) in [
        ("write_file", r#"{"path":"a.md","content":"rm -rf x"}"#),
        ("web_search", r#"{"query":"drop table users"}"#),
        ("get_deploy_status", "{}"),
        ("list_deleted_files", "{}"),
        ("bash", r#"{"command":"ls"}"#),
        ("", ""),
    ] {
        assert!(!running(name, args), "{name} {args}");
    }
    // It ran already: nothing can be saved before it.
    assert!(!risky("bash", r#"{"command":"rm -rf x"}"#, CallState::Done));
}

/// The same command in a growing answer is told once; the next command again.
#[test]
fn an_operation_is_told_once() {
    let mut triggers = Triggers::default();
    let mut tell = |text: &str| {
        let turn = Turn { state: TurnState::Streaming, ..answer(text) };
        due(&mut triggers, minute(0), &Signals::default(), &cues_of(&[turn]))
    };
    let risky = Some(Trigger::RiskyOperation);
    assert_eq!(tell("```sh\nrm -rf a\n"), risky);
    assert_eq!(tell("```sh\nrm -rf a\n```\nThen"), None);
    assert_eq!(tell("```sh\nrm -rf a\n```\nThen\n```sh\nrm -rf b\n```\n"), risky);
}

/// Quotes in quotes are followed so far, and a line of a million words so far.
#[test]
fn hostile_commands_are_bounded() {
    assert!(fenced("sh", "bash -c \"bash -c 'rm -rf x'\""));
    assert!(!fenced("sh", "bash -c \"bash -c 'bash -c `rm -rf x`'\""));
    assert!(!fenced("sh", &("sudo ".repeat(1_000_000) + "rm -rf x")));
    assert!(!fenced("sh", &"sudo 'a b' ".repeat(200_000)));
}

/// Whatever a page says, nothing panics.
#[test]
fn any_text_is_read() {
    let bits = [
        "```",
        "````",
        "~~~",
        "\n",
        " ",
        "sh",
        "rm -rf",
        "'",
        "\"",
        "`",
        "\\",
        "[x]",
        "- ",
        "漢",
        "é",
        "|",
        "&&",
        "#",
        "--",
        "-",
        "=",
        "/s",
        "+",
        "DROP TABLE",
        "passed",
        "12",
        ":",
        "ok ",
        "(cached)",
        "n't",
        "All tests pass",
        ".",
        "?",
        "{",
        "}",
        "[",
        "]",
        "\u{fe0f}",
        "$(",
    ];
    let mut dice = Chance::new(9);
    for _ in 0..2_000 {
        let count = dice.below(30);
        let text: String = (0..count)
            .map(|_| bits[usize::try_from(dice.below(bits.len() as u64)).unwrap()])
            .collect();
        let mut turn = with_call(&text, &text, &text, CallState::Running);
        turn.markdown = text;
        let mut done = turn.clone();
        done.calls[0].state = CallState::Done;
        let cues = cues_of(&[turn, done]);
        assert_eq!(cues.milestone, !cues.milestones.is_empty());
    }
}
