//! The demonstration: thirteen messages of a believable coding task, and what the model does
//! about each. The user's messages are natural sentences, so the model knows them by their text.
//!
//! The task is rate limiting for a small web service, `gatehouse`. Together the turns hold what a
//! long session holds: a goal, preferences, a plan that progresses, decisions with reasons, things
//! rejected, files read, written and edited, a command that fails and is then put right, numbers
//! that matter, addresses, a blocker and next steps. One table, and so longer than other files.

use serde_json::{Value, json};

use super::script::{Outcome, Step};

/// One message of the demonstration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoTurn {
    /// What the user types.
    pub user: String,
}

/// The messages of the demonstration, in order.
#[must_use]
pub fn turns() -> Vec<DemoTurn> {
    TABLE.iter().map(|(user, _)| DemoTurn { user: (*user).to_owned() }).collect()
}

/// What the model does about a message of the demonstration; `None` for any other.
pub(super) fn steps(message: &str) -> Option<Vec<Step>> {
    let wanted = message.trim();
    TABLE.iter().find(|(user, _)| *user == wanted).map(|(_, script)| script())
}

/// A message and its script.
type Row = (&'static str, fn() -> Vec<Step>);

const TABLE: [Row; 13] = [
    (
        "I want to add rate limiting to our small web service gatehouse. Goal: no API key may \
         make more than 40 requests per second, and nobody else may notice. Please keep answers \
         short and always use British spelling. Never touch the migrations folder. Have a look \
         round first.",
        look_round,
    ),
    ("Good. Make a plan before you change anything.", make_a_plan),
    ("Which algorithm would you take, and why? Check what others do.", choose),
    ("Fine, write the limiter.", write_limiter),
    ("Now wire it into the router.", wire),
    ("Run the tests.", run_tests),
    ("Add a test which proves that request 41 within one second is refused.", prove),
    ("What should a refused client see?", refusal),
    ("The staging box has only two cores. Is one mutex good enough?", cores),
    ("Make the limit configurable, please.", configure),
    ("Can you deploy it to staging?", deploy),
    ("I have asked Priya for the token. Meanwhile, count the refusals per key.", metrics),
    ("Sum up where we are and what is next.", sum_up),
];

const PLAN: [&str; 8] = [
    "Read the request path of `gatehouse`",
    "Choose the algorithm",
    "Write `src/limiter.rs`",
    "Wire it into `src/routes.rs`",
    "Test that request 41 is refused",
    "Answer 429 with `Retry-After`",
    "Make the limit configurable",
    "Deploy to staging and watch it for a day",
];

/// The plan as a checklist with the first `done` items finished.
fn plan(done: usize) -> String {
    let items: Vec<String> = PLAN
        .iter()
        .enumerate()
        .map(|(index, item)| format!("- [{}] {item}", if index < done { 'x' } else { ' ' }))
        .collect();
    format!("**Plan**\n\n{}", items.join("\n"))
}

fn think(ms: u64) -> Step {
    Step::Think(ms)
}

fn say(text: &str) -> Step {
    Step::Say(text.to_owned())
}

/// Prose, then the plan as it stands.
fn say_and_plan(text: &str, done: usize) -> Step {
    Step::Say(format!("{text}\n\n{}", plan(done)))
}

fn tool(name: &str, args: Value, result: &str) -> Step {
    Step::Tool { name: name.to_owned(), args, outcome: Outcome::Returns(result.to_owned()) }
}

fn failing_tool(name: &str, args: Value, error: &str) -> Step {
    Step::Tool { name: name.to_owned(), args, outcome: Outcome::Fails(error.to_owned()) }
}

fn look_round() -> Vec<Step> {
    vec![
        think(700),
        say("I shall look at the layout first, without changing anything."),
        tool(
            "list_directory",
            json!({ "path": "." }),
            "Cargo.toml\nREADME.md\ndeploy/\nmigrations/\nsrc/config.rs\nsrc/errors.rs\n\
             src/main.rs\nsrc/routes.rs\ntests/",
        ),
        tool(
            "read_file",
            json!({ "path": "src/main.rs" }),
            "#[tokio::main]\nasync fn main() {\n    let config = Config::from_env();\n    \
             let app = routes::router(&config);\n    \
             let socket = TcpListener::bind((\"0.0.0.0\", 8431)).await.unwrap();\n    \
             axum::serve(socket, app).await.unwrap();\n}",
        ),
        tool(
            "read_file",
            json!({ "path": "src/routes.rs" }),
            "pub fn router(config: &Config) -> Router {\n    Router::new()\n        \
             .route(\"/v1/check\", post(check))\n        .route(\"/v1/keys\", get(keys))\n}",
        ),
        say("`gatehouse` is an axum service on port 8431 with two routes, `/v1/check` and \
             `/v1/keys`. Nothing limits a key today.\n\n\
             **Goal:** at most 40 requests per second for each API key, unnoticed by all others.\
             \n\nI shall keep answers short, use British spelling and never touch `migrations/`."),
    ]
}

fn make_a_plan() -> Vec<Step> {
    vec![
        think(500),
        say_and_plan("Here it is; I tick items off as we go.", 1),
        say("Next step: choose the algorithm."),
    ]
}

fn choose() -> Vec<Step> {
    vec![
        tool(
            "search_web",
            json!({ "query": "token bucket vs sliding window rate limiting per api key" }),
            "1. Scaling your API with rate limiters - https://stripe.com/blog/rate-limiters\n\
             2. Token bucket - https://en.wikipedia.org/wiki/Token_bucket\n\
             3. How we built rate limiting - https://blog.cloudflare.com/counting-things-a-lot-of-\
             different-things/",
        ),
        think(600),
        say_and_plan(
            "Decision: use a token bucket per API key because it allows short bursts, needs two \
             numbers a key and never has to sweep.\n\n\
             Rejected: a fixed window, since it lets 80 requests through around the turn of a \
             second.\n\n\
             We decided to keep the buckets in memory: one process serves all traffic, and a \
             restart may forget them.\n\n\
             Read more: https://stripe.com/blog/rate-limiters and \
             https://en.wikipedia.org/wiki/Token_bucket",
            2,
        ),
    ]
}

fn write_limiter() -> Vec<Step> {
    vec![
        tool(
            "write_file",
            json!({
                "path": "src/limiter.rs",
                "content": "pub struct Bucket {\n    tokens: f64,\n    filled_at: Instant,\n}\n\n\
                            impl Limiter {\n    pub fn allow(&mut self, key: &str, now: Instant) \
                            -> bool {\n        let bucket = self.buckets.entry(key.to_owned())\
                            .or_insert_with(|| Bucket::full(now));\n        \
                            bucket.refill(self.rate, self.burst, now);\n        \
                            self.seen += self.buckets.len();\n        bucket.take()\n    }\n}\n",
            }),
            "wrote src/limiter.rs (64 lines)",
        ),
        say_and_plan(
            "`src/limiter.rs` holds `Limiter` and `Bucket`. Rate 40 per second, burst 80:\n\n\
             ```rust\npub fn refill(&mut self, rate: f64, burst: f64, now: Instant) {\n    \
             let elapsed = now.duration_since(self.filled_at).as_secs_f64();\n    \
             self.tokens = (self.tokens + elapsed * rate).min(burst);\n    \
             self.filled_at = now;\n}\n```\n\n\
             Time is an argument, so tests need no sleeping.",
            3,
        ),
    ]
}

fn wire() -> Vec<Step> {
    vec![
        tool(
            "edit_file",
            json!({
                "path": "src/routes.rs",
                "old": ".route(\"/v1/keys\", get(keys))",
                "new": ".route(\"/v1/keys\", get(keys))\n        \
                        .layer(from_fn_with_state(limiter, limit_by_key))",
            }),
            "edited src/routes.rs (1 replacement)",
        ),
        tool(
            "edit_file",
            json!({
                "path": "src/main.rs", "old": "mod routes;", "new": "mod limiter;\nmod routes;",
            }),
            "edited src/main.rs (1 replacement)",
        ),
        say_and_plan(
            "The limiter is a layer, so both routes pass through it:\n\n\
             ```diff\n         .route(\"/v1/keys\", get(keys))\n\
             +        .layer(from_fn_with_state(limiter, limit_by_key))\n```\n\n\
             The key is read from the header `X-Api-Key`; requests without one share a bucket.",
            4,
        ),
    ]
}

fn run_tests() -> Vec<Step> {
    vec![
        failing_tool(
            "run_terminal",
            json!({ "command": "cargo test" }),
            "error[E0502]: cannot borrow `self.buckets` as immutable because it is also borrowed \
             as mutable\n  --> src/limiter.rs:31:22\n   |\n31 |         self.seen += \
             self.buckets.len();\n   |                      ^^^^^^^^^^^^ immutable borrow occurs \
             here\nerror: could not compile `gatehouse` (lib) due to 1 previous error",
        ),
        say("The build fails with `error[E0502]` in `src/limiter.rs:31`: I count the buckets \
             while one is borrowed. The count is not needed, so I remove it."),
        tool(
            "edit_file",
            json!({
                "path": "src/limiter.rs",
                "old": "        self.seen += self.buckets.len();\n", "new": "",
            }),
            "edited src/limiter.rs (1 replacement)",
        ),
        tool(
            "run_terminal",
            json!({ "command": "cargo test" }),
            "running 23 tests\ntest result: ok. 23 passed; 0 failed; finished in 0.41s",
        ),
        say("All 23 tests pass now. Next step: a test for the limit itself."),
    ]
}

fn prove() -> Vec<Step> {
    vec![
        tool(
            "write_file",
            json!({
                "path": "tests/limit.rs",
                "content": "#[test]\nfn request_41_is_refused() {\n    \
                            let mut limiter = Limiter::new(40.0, 40.0);\n    \
                            let now = Instant::now();\n    \
                            assert!((0..40).all(|_| limiter.allow(\"k\", now)));\n    \
                            assert!(!limiter.allow(\"k\", now));\n}\n",
            }),
            "wrote tests/limit.rs (9 lines)",
        ),
        tool(
            "run_terminal",
            json!({ "command": "cargo test --test limit" }),
            "running 1 test\ntest request_41_is_refused ... ok\n\
             test result: ok. 1 passed; 0 failed; finished in 0.00s",
        ),
        say_and_plan("Proved: with a burst of 40, request 41 in the same second is refused.", 5),
    ]
}

fn refusal() -> Vec<Step> {
    vec![
        think(400),
        tool(
            "edit_file",
            json!({
                "path": "src/errors.rs",
                "old": "Self::Forbidden => StatusCode::FORBIDDEN,",
                "new": "Self::Forbidden => StatusCode::FORBIDDEN,\n            \
                        Self::TooMany => StatusCode::TOO_MANY_REQUESTS,",
            }),
            "edited src/errors.rs (1 replacement)",
        ),
        say_and_plan(
            "Decision: answer status 429 with `Retry-After: 1` because every client library \
             knows how to wait for it (https://www.rfc-editor.org/rfc/rfc6585#section-4).\n\n\
             | status | header | body |\n| --- | --- | --- |\n\
             | 429 | `Retry-After: 1` | `{\"error\":\"too_many_requests\"}` |",
            6,
        ),
    ]
}

fn cores() -> Vec<Step> {
    vec![
        tool(
            "run_terminal",
            json!({ "command": "cargo bench --bench limiter -- --threads 2" }),
            "one mutex      1.9 µs per call, p99 14 µs\n16 shards      0.4 µs per call, p99 3 µs",
        ),
        think(500),
        say("Measured with two threads: one mutex 1.9 µs a call, 16 shards 0.4 µs.\n\n\
             Decision: split the buckets into 16 shards, each with its own mutex, because it is \
             twelve lines and needs no dependency.\n\n\
             Rejected: `dashmap`, an extra dependency for no measurable gain."),
        tool(
            "edit_file",
            json!({
                "path": "src/limiter.rs",
                "old": "buckets: HashMap<String, Bucket>,",
                "new": "shards: [Mutex<HashMap<String, Bucket>>; 16],",
            }),
            "edited src/limiter.rs (1 replacement)",
        ),
    ]
}

fn configure() -> Vec<Step> {
    vec![
        tool(
            "edit_file",
            json!({
                "path": "src/config.rs",
                "old": "pub database_url: String,",
                "new": "pub database_url: String,\n    /// Requests per second and API key.\n    \
                        pub rate_limit: u32,",
            }),
            "edited src/config.rs (1 replacement)",
        ),
        tool(
            "run_terminal",
            json!({ "command": "GATEHOUSE_RATE_LIMIT=5 cargo test" }),
            "running 25 tests\ntest result: ok. 25 passed; 0 failed; finished in 0.44s",
        ),
        say_and_plan(
            "`GATEHOUSE_RATE_LIMIT` sets the limit; it defaults to 40 and refuses 0 at start. \
             25 tests pass.",
            7,
        ),
    ]
}

fn deploy() -> Vec<Step> {
    vec![
        tool(
            "list_directory",
            json!({ "path": "deploy" }),
            "deploy.sh\nproduction.toml\nstaging.toml",
        ),
        tool(
            "read_file",
            json!({ "path": "deploy/staging.toml" }),
            "host = \"staging.gatehouse.example\"\nport = 8431\ntoken_env = \
             \"GATEHOUSE_DEPLOY_TOKEN\"\n",
        ),
        say("Not yet.\n\n\
             Blocker: staging wants `GATEHOUSE_DEPLOY_TOKEN`, it is not set here, and only Priya \
             can issue it.\n\n\
             As soon as it is there: `./deploy/deploy.sh staging`, then watch \
             https://staging.gatehouse.example/health."),
    ]
}

fn metrics() -> Vec<Step> {
    vec![
        tool(
            "write_file",
            json!({
                "path": "src/metrics.rs",
                "content": "pub static REFUSED: LazyLock<IntCounterVec> =\n    \
                            LazyLock::new(|| {\n    \
                            register_int_counter_vec!(\"gatehouse_refused_total\", \"Refused \
                            requests\", &[\"key\"]).unwrap()\n});\n",
            }),
            "wrote src/metrics.rs (12 lines)",
        ),
        tool(
            "run_terminal",
            json!({ "command": "curl -s http://127.0.0.1:8431/metrics | grep refused" }),
            "gatehouse_refused_total{key=\"demo\"} 7",
        ),
        say("`/metrics` now tells the refusals of each key; the demonstration key shows 7. Keys \
             are shortened to 8 characters so that no secret is published."),
    ]
}

fn sum_up() -> Vec<Step> {
    vec![
        think(600),
        say_and_plan(
            "**Goal:** at most 40 requests per second for each API key of `gatehouse`.\n\n\
             **Where we are:** the limiter works on port 8431, 25 tests pass, refusals are \
             counted.\n\n\
             **Decisions:** token bucket per API key; 16 shards; status 429 with \
             `Retry-After: 1`.",
            7,
        ),
        say("**Next steps**\n\n\
             1. Deploy to staging with `./deploy/deploy.sh staging`.\n\
             2. Watch `gatehouse_refused_total` for a day.\n\
             3. Ask the mobile team whether a burst of 80 is enough.\n\n\
             Blocker: still waiting for `GATEHOUSE_DEPLOY_TOKEN` from Priya."),
    ]
}
