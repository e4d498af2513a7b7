//! Waiting on conditions.

use super::Done;
use std::time::{Duration, Instant};

/// Patience for anything in a browser on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits on a condition, with [`PATIENCE`]. The look may fail as pages come and go: the last
/// failure is told when the patience ends.
///
/// # Errors
/// When the condition did not come true in time.
pub async fn until<T, F>(what: &str, look: F) -> Done<T>
where
    F: AsyncFnMut() -> Done<Option<T>>,
{
    until_within(PATIENCE, what, look).await
}

/// The same with another patience.
///
/// # Errors
/// When the condition did not come true in time.
pub async fn until_within<T, F>(patience: Duration, what: &str, mut look: F) -> Done<T>
where
    F: AsyncFnMut() -> Done<Option<T>>,
{
    let began = Instant::now();
    let mut last = String::new();
    while began.elapsed() < patience {
        match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(failure) => last = format!(" (last: {failure})"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("waited {} s in vain for {what}{last}", patience.as_secs()).into())
}
