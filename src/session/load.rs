//! What a chat's page costs its tab: a page that is dying slows first.

use crate::wire::page::Weight;
use crate::wire::signals::Signals;

/// Measurements that count. One alone says nothing: a page that loads is busy, too.
const COUNT: usize = 3;

/// The newest measurements of a document.
#[derive(Clone, Debug, Default)]
pub struct Load(Vec<Weight>);

impl Load {
    /// Takes the next one in.
    pub fn weighed(&mut self, weight: Weight) {
        self.0.push(weight);
        let more = self.0.len().saturating_sub(COUNT);
        self.0.drain(..more);
    }

    /// Adds what is known of it to the signals of the chat in it.
    pub fn tell(&self, signals: &mut Signals) {
        let Some(last) = self.0.get(COUNT - 1) else { return };
        signals.page_nodes = last.nodes;
        let (mut long_ms, mut span_ms, mut heap) = (0.0, 0.0, f64::INFINITY);
        for weight in &self.0 {
            long_ms += f64::from(weight.long_ms.unwrap_or(0).min(weight.span_ms));
            span_ms += f64::from(weight.span_ms);
            heap = heap.min(f64::from(weight.heap_mb) / f64::from(weight.heap_most_mb.max(1)));
        }
        signals.page_busy_share = if span_ms > 0.0 { long_ms / span_ms } else { 0.0 };
        // What is freed again in between is no need.
        signals.page_heap_share = if last.heap_most_mb > 0 { heap.min(1.0) } else { 0.0 };
    }
}
