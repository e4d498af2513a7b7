//! `torture`: kills with -9 at random moments of a chat, and what is stored then against what had
//! been acknowledged to its page.

mod acknowledged;

use crate::browser::{Done, End, Kind, until};
use crate::cli;
use crate::lab::{Csp, Site};
use crate::play::{Play, PlayOptions};
use acknowledged::Acknowledged;
use shim::base::SessionId;
use shim::base::chance::Chance;
use shim::wire::ui::Ask;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;
use thirtyfour::{By, Key};

/// What `--help` prints.
pub const HELP: &str = include_str!("../help/torture.txt");
/// A message is killed within this time after it was sent.
const WITHIN_MS: u64 = 1_500;
/// Messages of one chat; then another one begins.
const MESSAGES: usize = 12;

/// Tells the lab what the engine is told to be committed and which turns it sends, and when:
/// beacons overtake each other, and one may come when another chat has begun. It stands in the
/// page's script world and goes with it.
const LISTEN: &str = "() => { const engine = wasm_bindgen.Engine.prototype, { step } = engine;
    if (engine.listened) return { here: true };
    engine.listened = true;
    let told = 0;
    const tell = (text) => {
      const word = { path: location.pathname, at: [performance.timeOrigin, told++], text };
      navigator.sendBeacon('/lab/acknowledged', JSON.stringify(word));
    };
    engine.step = function (at, event) {
      const out = step.call(this, at, event);
      if (/^.\"(saved|stream_saved|checkpoint_saved)\"/.test(event)) tell(event);
      JSON.parse(out).back.filter((text) => /^.\"turns\"/.test(text)).forEach(tell);
      return out;
    };
    return { here: true }; }";

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TortureOptions {
    /// In which browser.
    pub kind: Kind,
    /// How many kills.
    pub kills: usize,
    /// Of what chance does.
    pub seed: u64,
}

/// Reads the options.
///
/// # Errors
/// A sentence for the person who typed them.
pub fn options(mut args: impl Iterator<Item = String>) -> Result<TortureOptions, String> {
    let mut options = TortureOptions { kind: Kind::Chromium, kills: 20, seed: 1 };
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let bad = || format!("`{name} {value}` is not understood");
        match name.as_str() {
            "--browser" => options.kind = cli::kind(&value)?,
            "--kills" => options.kills = value.parse().map_err(|_| bad())?,
            "--seed" => options.seed = value.parse().map_err(|_| bad())?,
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    Ok(options)
}

/// Kills, and says what came of it.
pub async fn run(options: TortureOptions) -> ExitCode {
    match torture(&options, &|line| println!("  {line}")).await {
        Ok(tally) => {
            println!("{}", tally.line(&options));
            tally.faults.iter().for_each(|fault| println!("  FAILED: {fault}"));
            if tally.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(failure) => cli::failed(&format!("the torture could not go on: {failure}")),
    }
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Page,
    Background,
    Browser,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    killed: BTreeMap<Victim, usize>,
    /// Acknowledgements of turns, of streamed texts and of checkpoints that were checked.
    acknowledged: [usize; 3],
    /// What was missing or torn, in words.
    pub faults: Vec<String>,
}

impl Tally {
    /// How many acknowledgements were held against the store.
    #[must_use]
    pub fn checked(&self) -> usize {
        self.acknowledged.iter().sum()
    }

    fn line(&self, options: &TortureOptions) -> String {
        let killed = |victim| self.killed.get(&victim).copied().unwrap_or_default();
        let [turns, streams, checkpoints] = self.acknowledged;
        format!(
            "{}: {} kills with -9 (page {}, background {}, browser {}), seed {}: of {turns} turns, \
             {streams} streamed texts and {checkpoints} checkpoints acknowledged before, {} faults",
            options.kind.name(),
            options.kills,
            killed(Victim::Page),
            killed(Victim::Background),
            killed(Victim::Browser),
            options.seed,
            self.faults.len(),
        )
    }
}

/// The chat at hand.
struct Chat {
    address: String,
    session: Option<SessionId>,
    sent: usize,
}

/// Kills so many times, each at a random moment while answers come and are saved.
///
/// # Errors
/// When a step could not be made.
pub async fn torture(options: &TortureOptions, tell: &dyn Fn(&str)) -> Done<Tally> {
    let mut chance = Chance::new(options.seed);
    let base = PlayOptions::test(options.kind, Site::Claude, Csp::Permissive);
    let mut play = Play::start(PlayOptions { turns: 1, token_ms: 8, ..base }).await?;
    let mut tally = Tally::default();
    let mut chat = begin(&play).await?;
    for kill in 0..options.kills {
        if chat.sent >= MESSAGES {
            chat = begin(&play).await?;
        }
        let victim = match chance.below(10) {
            0 => Victim::Browser,
            1..=4 => Victim::Background,
            _ => Victim::Page,
        };
        tell(&format!("kill {} of {}: {victim:?}", kill + 1, options.kills));
        exchange(&play, &mut chat, &mut chance).await?;
        match victim {
            Victim::Page => play.browser.crash_tab(play.face.host).await?,
            Victim::Background => play.browser.kill_worker().await?,
            Victim::Browser => play.restart(End::Killed).await?,
        }
        *tally.killed.entry(victim).or_default() += 1;
        check(&play, &chat, kill, &mut tally).await?;
        open(&play, &chat.address).await?;
    }
    Ok(tally)
}

/// A chat of one finished exchange. The one that was killed last may be placed in its composer.
async fn begin(play: &Play) -> Done<Chat> {
    const FIRST: &str = "!lorem 30";
    open(play, &play.fresh_url()).await?;
    let before = play.lab.log().len();
    let composer = until("the first message to stand there alone", async || {
        let Ok(composer) = play.browser.driver.find(By::Css(play.face.composer)).await else {
            return Ok(None);
        };
        composer.click().await?;
        composer.send_keys(Key::Control + "a").await?;
        composer.send_keys(FIRST).await?;
        Ok((play.composer_text().await? == FIRST).then_some(composer))
    })
    .await?;
    composer.send_keys(Key::Enter + "").await?;
    play.answered(before + 1).await?;
    let address = play.browser.driver.current_url().await?.to_string();
    Ok(Chat { address, session: None, sent: 1 })
}

/// Opens a page of the site and listens there.
async fn open(play: &Play, address: &str) -> Done<()> {
    play.browser.open(address).await?;
    until("the engine to run in the page", async || {
        let there = "() => ({ ready: globalThis.shimBoot?.placement === 'page' })";
        let seen = crate::bench::in_content(&play.browser, play.face.host, there).await?;
        Ok((seen.get("ready") == Some(&true.into())).then_some(()))
    })
    .await?;
    crate::bench::in_content(&play.browser, play.face.host, LISTEN).await.map(|_| ())
}

/// Says something, has a checkpoint made now and then, and waits for a random while.
async fn exchange(play: &Play, chat: &mut Chat, chance: &mut Chance) -> Done<()> {
    // What a killed page left in mid-stream ends on the model's side.
    play.answered(play.lab.log().len()).await?;
    play.say(&format!("!lorem {}", 20 + chance.below(120))).await?;
    chat.sent += 1;
    if chat.session.is_none() {
        let heads = play.browser.dump().await?.sessions();
        let mine = |id: &SessionId| chat.address.ends_with(id.0.rsplit('/').next().unwrap_or("-"));
        chat.session = heads.into_iter().map(|head| head.id).find(mine);
    }
    if let (Some(session), true) = (&chat.session, chance.percent(40)) {
        // Refused where the page has not said hello yet: then there is none to check.
        let _ = play.browser.ask(&Ask::SaveNow { session: session.clone() }).await?;
    }
    tokio::time::sleep(Duration::from_millis(chance.below(WITHIN_MS))).await;
    Ok(())
}

async fn check(play: &Play, chat: &Chat, kill: usize, tally: &mut Tally) -> Done<()> {
    let Some(session) = &chat.session else { return Ok(()) };
    let told = Acknowledged::of(&play.lab.acknowledged(), &chat.address);
    let dump = play.browser.dump().await?;
    let mine = dump.records.iter().filter(|record| record.session == *session).cloned();
    let found = told.missing(&mine.collect::<Vec<_>>());
    let odd = dump.odd.iter().map(|odd| format!("{odd:?} is no record"));
    let faults = found.into_iter().chain(odd);
    tally.faults.extend(faults.map(|what| format!("after kill {}: {what}", kill + 1)));
    for (sum, count) in tally.acknowledged.iter_mut().zip(told.counts()) {
        *sum += count;
    }
    Ok(())
}
