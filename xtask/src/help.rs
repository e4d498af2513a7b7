//! What `--help` prints, for all commands and for each.

/// Of the whole.
pub const ALL: &str = "\
The commands of this repository.

Usage: cargo xtask COMMAND [OPTIONS]

  run       build, open a browser on a local chat, and show a crash survived
  test      everything that proves it; --quick is the inner loop
  build     the loadable extensions: dist/chrome, dist/firefox
  lab       the local chat pages alone
  bench     the figures of BENCHMARKS.md
  dump      what SHIM's store in a browser's profile holds, as JSON
  watch     a real browser with the extension on any page, and what was stored
  torture   kills with -9 while a chat is saved, and what is stored then
  sim       one seed of the simulator, or a person's report, line by line
  read      the conversation that SHIM sees in a saved page, as JSON
  replay    recorded sessions through the engine: its risk, estimates and prompts
  new-site  begins the table of a chat site
  coverage  the share of each room's lines that the native tests reach

`cargo xtask COMMAND --help` tells the options of one.

Exit codes: 0 done, 1 something failed, 2 a wrong command line,
3 something must be installed by hand (it says what to type).

Browsers and drivers are found by themselves, or named by SHIM_CHROMIUM,
SHIM_CHROMEDRIVER, SHIM_FIREFOX and SHIM_GECKODRIVER.";

/// Of `cargo xtask build`.
pub const BUILD: &str = "\
Builds the extension: wasm into pkg/, then dist/chrome, dist/firefox and
dist/shim-firefox.zip, each loadable as it is.

Usage: cargo xtask build [--release-opt]

  --release-opt   shrink the wasm with wasm-opt -Oz (needs npm; 6 to 15 s)";

/// Of `cargo xtask run`.
pub const RUN: &str = "\
Builds the extension, starts the lab, opens a browser on a local chat, and
plays the main job: a chat is saved, really crashes, and goes on in a fresh one.

Usage: cargo xtask run [OPTIONS]

  --browser B   chromium (default) or firefox; installed where apt may
  --headless    without a window; by itself where there is no display
  --json OUT    write the figures to the file OUT as well
  --site S      claude (default) or chatgpt
  --csp C       permissive (default) or strict";

/// Of `cargo xtask test`.
pub const TEST: &str = "\
Runs the checks and tests, each with its own count. A step that fails does not
stop the ones after it. The last line is `N passed, N failed`.

Usage: cargo xtask test [--quick | --full | --apps]

  (nothing)   fmt, clippy native and wasm32, native tests, the build, wasm tests
              and whole-extension flows in Chromium and Firefox, and in
              Chromium two real chat applications against a scripted model
  --quick     fmt, clippy native, native tests: under a minute when warm
  --full      with 2,000 seeds of the simulator and 100 times the mutations of what is read
  --apps      only the real chat applications, all four, two in Firefox too";

/// Of `cargo xtask lab`.
pub const LAB: &str = "\
Serves local chat pages in the shape of a real site, over HTTPS.

Usage: cargo xtask lab [OPTIONS]

  --site S      claude (default) or chatgpt
  --csp C       permissive (default) or strict
  --renderer R  newest (default) or 2026-07: the shape of the pages; a browser
                that opens one with ?renderer=R keeps that for itself
  --port P      the local port (default 8443; 0 is any free one)";

/// Of `cargo xtask bench`.
pub const BENCH: &str = "\
Measures the figures of BENCHMARKS.md and prints them beside their ceilings.

Usage: cargo xtask bench [OPTIONS]

  --browser B   chromium or firefox; both where none is named
  --json OUT    write the figures to the file OUT as well
  --seconds N   how long each stream at a human pace is measured (default 300)
  --only NAME   one part, may come again: sizes, starts, resumes, thread,
                processor, chats, tasks, checkpoint, history, popup, memory,
                reads, kills;
                only where named: packing, load, import, and apps, what is right of
                real chat applications";

/// Of `cargo xtask dump`; the program that dumps prints the same.
pub const DUMP: &str = concat!(
    include_str!("../../webdriver/help/dump.txt"),
    "\n",
    include_str!("../../webdriver/help/stored.txt")
);

/// Of `cargo xtask torture`; the program that kills prints the same.
pub const TORTURE: &str = include_str!("../../webdriver/help/torture.txt").trim_ascii_end();

/// Of `cargo xtask watch`; the program that watches prints the same.
pub const WATCH: &str = concat!(
    include_str!("../../webdriver/help/watch.txt"),
    "\n",
    include_str!("../../webdriver/help/stored.txt")
);

/// Of `cargo xtask sim`.
pub const SIM: &str = "\
Plays the simulator: the product's own background and pages in a made-up browser
in which everything goes wrong that can, as a seed has it. Prints what happens
and fails where something that must hold does not.

Usage: cargo xtask sim --seed N [--count N] [--steps N]
       cargo xtask sim --report FILE

  --seed N       the seed; alone, its run is told line by line
  --count N      so many seeds from there on, each with one line
  --steps N      steps of a run before it comes to rest (default: the tests')
  --report FILE  what the popup's \"Report a problem\" saved: its events are
                 played again, with filler where a chat's text was";

/// Of `cargo xtask read`; the program that reads prints the same.
pub const READ: &str = include_str!("../eyes/src/help.txt").trim_ascii_end();

/// Of `cargo xtask replay`; the program that plays prints the same.
pub const REPLAY: &str = include_str!("../replay/src/help.txt").trim_ascii_end();

/// Of `cargo xtask new-site`.
pub const NEW_SITE: &str = "\
Begins the table of a chat site: src/sites/NAME.rs with a row for everything that
a reader asks for, listed in src/sites/mod.rs. The tests refuse it until each row
is filled in and pages in the site's shapes prove it; it says what to do.

Usage: cargo xtask new-site NAME

  NAME   2 to 20 letters from a to z; it never changes, since stored chats name it";

/// Of `cargo xtask coverage`.
pub const COVERAGE: &str = "\
Measures the share of each room's lines that the native tests reach, and fails
where a room is below 95 %. The shell is in no room of it: only browsers run it.
Installs the compiler's llvm-tools with rustup where they are missing.

Usage: cargo xtask coverage [--missing]

  --missing   print the lines that no test reaches as well";
