//! What is said of the room for saved chats.

use super::NOW;
use shim::view::badge;
use shim::view::popup::{Knows, Page, page};
use shim::view::store::TIGHT;
use shim::wire::ui::{RoomView, Status};

fn shown(room: RoomView) -> Page {
    page(&Knows {
        now: NOW,
        status: Some(Status { room, ..Status::default() }),
        ..Knows::default()
    })
}

#[test]
fn little_room_is_said_with_what_to_do_and_what_goes() {
    let room = RoomView { used_bytes: 900 << 20, quota_bytes: 1 << 30, tight: false, freed: 0 };
    let calm = shown(room);
    assert_eq!(calm.store.room, "900.0 MB stored, of 1.0 GB that the browser allows.");
    assert!(calm.problems.is_empty() && shown(RoomView::default()).store.room.is_empty());
    let said = shown(RoomView { tight: true, freed: 3, ..room }).problems;
    assert!(said[0].starts_with(TIGHT) && said[0].contains("no turn, no pin"), "{said:?}");
    assert!(said[1].contains("3 old checkpoints went"), "{said:?}");
    assert!(!said.concat().contains("no room left"), "that is said of a write that failed");
}

#[test]
fn the_badge_warns_in_words_and_shows_what_it_did() {
    let badge = badge::with_little_room(badge::paused());
    assert!(badge.title.starts_with(TIGHT) && badge.text == badge::paused().text);
}
