//! Encryption at rest in words.

use crate::wire::vault::VaultView;

/// Heading.
pub const ENCRYPTION: &str = "Encryption";
/// Switches it on.
pub const ENCRYPT: &str = "Encrypt what is stored";
/// What it means.
pub const MEANS: [&str; 3] = [
    "Everything that is saved, with its second copies, is encrypted on this machine. Chats go on \
     being saved without the passphrase. To see and resume what was saved before, you type it once \
     each time the browser is started.",
    "Without the passphrase nobody can read it, and nobody can give it back to you. Export what \
     you could not do without, before you begin.",
    "What stays readable: which sites and chats there are, by their addresses, which hold words of \
     the chat on some sites; how large they are; and your settings. Old bytes may stand in the \
     browser's own files for a while longer.",
];
/// Fields.
pub const PASSPHRASE: &str = "Passphrase";
/// Typed a second time.
pub const AGAIN: &str = "The same again";
/// The one that was.
pub const OLD: &str = "Passphrase until now";
/// The one that will be.
pub const NEW: &str = "New passphrase";
/// Heading and button of the locked state.
pub const UNLOCK: &str = "Unlock";
/// What the locked state means.
pub const LOCKED: &str = "\
    SHIM is locked. What you do now is saved; what was saved before is shown and can be resumed \
    once you unlock it.";
/// Locks.
pub const LOCK: &str = "Lock now";
/// Another passphrase.
pub const CHANGE: &str = "Change the passphrase";
/// Switches it off.
pub const OFF: &str = "Store unencrypted again";
/// What was done.
pub const ENCRYPTED: &str = "Encryption is on. What was stored before is being encrypted now.";
/// What was done.
pub const UNLOCKED: &str = "Unlocked, until the browser is closed.";
/// What was done.
pub const LOCKED_NOW: &str = "Locked.";
/// What was done.
pub const CHANGED: &str = "From now on the new passphrase unlocks it.";
/// What was done.
pub const OPENED: &str = "Encryption is off. What is encrypted is being stored as it was.";
/// The two differ.
pub const DIFFER: &str = "The two passphrases differ. Nothing was changed; type them again.";

/// How it stands; empty: there is nothing to say of it.
#[must_use]
pub const fn words(view: VaultView) -> &'static str {
    match view {
        VaultView::Off => "",
        VaultView::Locked => LOCKED,
        VaultView::Unlocked => "Encryption is on, and unlocked until the browser is closed.",
        VaultView::Sealing => "Encryption is on. What was stored before is being encrypted.",
        VaultView::Opening => "Encryption is off. What was encrypted is being stored as it was.",
    }
}
