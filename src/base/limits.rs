//! Every maximum, one table, each with its reason.

use super::time::{Moment, Span};

/// Depth of a page tree. `serde_json` refuses 128; deeper elements arrive as their text.
pub const TREE_DEPTH: usize = 96;
/// Nodes of one turn's tree. A real 2 MB page holds about 40,000 in all.
pub const TREE_NODES: usize = 40_000;
/// Characters of text in one turn's tree; a larger turn is cut and marked by a gap.
pub const TREE_CHARS: usize = 2_000_000;
/// Turns mounted at once that are read; sites mount 3 to 200.
pub const MOUNTED_TURNS: usize = 2_000;
/// Rows of a table that is data: the built-in ones have up to 45.
pub const ROWS: usize = 64;
/// Selectors of one such row: a site serves few renderers at once.
pub const ROW_SELECTORS: usize = 16;
/// Characters of one such selector: a list of all places where pages put a thing has up to 700.
pub const SELECTOR_CHARS: usize = 800;
/// Characters of such a table's name, and of an attribute's.
pub const ROW_NAME_CHARS: usize = 100;
/// Bytes of one message from a page, JSON. Above it the message is refused unread.
pub const MESSAGE_BYTES: usize = 24 << 20;

/// Characters of the conversation summary (reference behaviour).
pub const SUMMARY_CHARS: usize = 1_000;
/// Key decisions kept in a checkpoint.
pub const DECISIONS: usize = 50;
/// Characters of the current context.
pub const CONTEXT_CHARS: usize = 500;
/// Recent messages kept inside a checkpoint; the turns themselves are records of their own.
pub const RECENT_MESSAGES: usize = 6;
/// Characters kept of each recent message.
pub const RECENT_MESSAGE_CHARS: usize = 4_000;
/// Completed steps kept.
pub const COMPLETED_STEPS: usize = 100;
/// Next steps kept.
pub const NEXT_STEPS: usize = 20;
/// Blockers kept.
pub const BLOCKERS: usize = 10;
/// Bytes of uncommitted diff text.
pub const DIFF_BYTES: usize = 10 * 1_024;
/// Files kept in each list of the file state.
pub const FILES: usize = 200;
/// Artifacts kept.
pub const ARTIFACTS: usize = 50;
/// Versions kept of each.
pub const ARTIFACT_VERSIONS: usize = 20;
/// Recent tool calls kept.
pub const RECENT_CALLS: usize = 20;
/// Characters kept of a recent call's arguments and of its result.
pub const CALL_CHARS: usize = 400;
/// Characters of a name there: of a file, a tool, an artifact, one of its versions.
pub const NAME_CHARS: usize = 240;
/// Pending operations kept.
pub const PENDING: usize = 20;
/// Characters of custom instructions.
pub const INSTRUCTIONS_CHARS: usize = 2_000;
/// Stated preferences kept.
pub const PREFERENCES: usize = 20;

/// Bytes that one packed section may unpack to: a bomb is refused before it fills the memory.
pub const SECTION_BYTES: usize = 32 << 20;

/// Scrollings of one gathering of a transcript: each takes a fifth of a second or more.
pub const GATHER_STEPS: u32 = 5_000;
/// How long a streamed text may be unsaved.
pub const STREAM_UNSAVED: Span = Span(1_000);
/// How long an unacknowledged record waits before it is sent again.
pub const RESEND_AFTER: Span = Span(3_000);
/// How long after its connection broke a tab is asked whether it crashed: a navigation or a close
/// is told by its own event within this time.
pub const CRASH_GRACE: Span = Span(200);
/// Probes of a tab before its silence is taken for an unknown end.
pub const CRASH_PROBES: u32 = 40;
/// How long after a crash a fresh chat is offered its resume.
pub const RESUME_WITHIN: Span = Span::hours(24);
/// How long a placing that nobody confirmed is trusted to be still under way.
pub const PLACING_PATIENCE: Span = Span::seconds(20);
/// Sessions listed by the popup.
pub const LISTED_SESSIONS: usize = 500;
/// Things that happened to a chat, kept in its head, which is written often.
pub const HAPPENED: usize = 40;
/// A page that comes back within this time was loaded again, and not left.
pub const RELOAD_WITHIN: Span = Span::seconds(10);
/// A page that a tab began to load replaces the one before within this time, or never.
pub const LOADS_WITHIN: Span = Span::seconds(60);
/// How long a person may undo a deletion.
pub const UNDO_WITHIN: Span = Span::seconds(10);
/// How long a deletion waits beyond that: a click at the last moment still counts.
pub const UNDO_GRACE: Span = Span::seconds(2);
/// How long after a failure a deletion is tried again.
pub const ERASE_AGAIN: Span = Span::seconds(30);
/// Records read at once while all of them are looked through for damage.
pub const LOOK_RECORDS: u32 = 50;
/// The looking goes on so long after the last question of an open popup.
pub const LOOK_WHILE: Span = Span::seconds(5);

/// Characters of a turn's text that its record's head tells: enough to tell the same text cut
/// short from another one.
pub const TURN_START_CHARS: usize = 48;

/// A chat's signals are noted so often at most, unless its risk takes another step.
pub const SNAPSHOT_EVERY: Span = Span::seconds(10);
/// Snapshots in one record of history: a record is written again for each that is added to it.
pub const SEGMENT_SNAPSHOTS: usize = 256;
/// Snapshots that wait for the next record that is written in any case: so many a killed worker
/// may lose, and one less.
pub const SNAPSHOTS_UNSAVED: usize = 8;
/// Segments of a chat kept in memory while the store takes nothing.
pub const SEGMENTS_UNSAVED: usize = 4;
/// Snapshots kept of one chat.
pub const HISTORY_SNAPSHOTS: usize = 5_000;
/// How long snapshots are kept (reference behaviour).
pub const HISTORY_KEEP: Span = Span::hours(30 * 24);
/// How long each snapshot is kept by itself.
pub const HISTORY_FINE: Span = Span::hours(24);
/// Of older ones one is kept for so long a time.
pub const HISTORY_COARSE: Span = Span::minutes(15);
/// A chat's history is thinned and shortened so often at most.
pub const HISTORY_TIDY: Span = Span::hours(1);
/// Between two chats' histories, and after a start: what a person waits for goes first.
pub const HISTORY_REST: Span = Span::seconds(2);
/// Days that a chat's head tells of.
pub const HISTORY_DAYS: usize = 31;
/// Snapshots further apart than this tell that the chat was not in use between them.
pub const ACTIVE_GAP: Span = Span::minutes(5);

/// How long a finished turn stands as it is before it is packed together with others.
pub const PACK_AFTER: Span = Span::minutes(10);
/// Between two chats that are packed, and after a start: what a person waits for goes first.
pub const PACK_REST: Span = Span::seconds(2);
/// Fewer records of a chat that goes on are not packed together: the segment beside them would be
/// written again for little.
pub const PACK_AT_LEAST: usize = 16;
/// Fewer of one that rests are not: they would take no less.
pub const PACK_AT_REST: usize = 2;
/// Bytes of JSON in one segment: it is unpacked whole, and lost whole where it is damaged.
pub const PACKED_BYTES: usize = 256 << 10;
/// Checkpoints in one segment.
pub const PACKED_CHECKPOINTS: usize = 128;
/// Bytes of JSON of checkpoints in one segment.
pub const PACKED_STATE_BYTES: usize = 8 << 20;
/// Bytes of packed turns in the second copy of a chat.
pub const COPY_BYTES: u64 = 48 << 10;
/// A second copy is made so long after the answer or the checkpoint that it is to hold.
pub const COPY_AFTER: Span = Span::seconds(2);
/// Chats with a second copy, the newest: an extension's storage has room for 10 MB.
pub const COPIES: usize = 96;
/// The newest checkpoints, which stand on their own.
pub const LOOSE_CHECKPOINTS: usize = 2;

/// Bytes that an archive may unpack to: a bomb is refused, and 8 GB of text are more than a person
/// can have read.
pub const ARCHIVE_BYTES: u64 = 8 << 30;
/// Bytes of one line of an archive: a turn or a checkpoint, no part of which may be larger.
pub const ARCHIVE_LINE_BYTES: usize = SECTION_BYTES;
/// Values in one line of an archive, and in a checkpoint's category: three bytes of an empty one
/// become a structure of two hundred. The largest turns and states hold some thousands.
pub const ARCHIVE_VALUES: usize = 200_000;
/// Bytes of one chat in an archive: it is put together in memory and committed at once.
pub const ARCHIVE_CHAT_BYTES: usize = 128 << 20;
/// Chats in an archive.
pub const ARCHIVE_CHATS: usize = 100_000;
/// Turns, and checkpoints, of one chat in an archive.
pub const ARCHIVE_MEMBERS: usize = 100_000;
/// The highest moment, position and number that an archive may tell: years and counts beyond are
/// no chat's, and whoever adds one to them is far from the end of its type.
pub const ARCHIVE_LATEST: Moment = Moment(10_000_000_000_000);
/// Likewise of counts.
pub const ARCHIVE_COUNT: u32 = 1_000_000_000;
/// Bytes of an id, a title, an address in an archive.
pub const ARCHIVE_NAME_BYTES: usize = 4_096;

/// Secrets of one chat that are told at once.
pub const SECRETS_TOLD: usize = 100;
/// Streamed texts that are held where secrets are not stored: of others the whole text is asked.
pub const STREAMS_HELD: usize = 16;

/// Characters of a draft: what is longer is cut there.
pub const DRAFT_CHARS: usize = 250_000;
/// Drafts of all chats; the oldest goes first.
pub const DRAFTS: usize = 64;
/// How long a draft is kept.
pub const DRAFT_KEEP: Span = Span::hours(30 * 24);
/// A shorter draft is typed again sooner than found.
pub const DRAFT_LEAST_CHARS: u64 = 20;
/// A draft that left its composer is no news for so long: it was sent, and its turn is coming.
pub const DRAFT_GRACE: Span = Span::seconds(10);
/// A turn may have been read so long before its draft was last told, and is still the same words.
pub const DRAFT_SLACK: Span = Span::seconds(5);
/// Characters of a draft that a person is shown of it.
pub const DRAFT_START_CHARS: usize = 160;
/// Letters and digits by which a draft and a turn are known for the same.
pub const DRAFT_LETTERS: usize = 200;
/// Bytes of a draft of an earlier life of the worker that are kept in memory.
pub const DRAFT_HELD_BYTES: usize = 64 << 10;

/// Bytes of one conversation in a site's own export: the largest published one has 18 MB, and read
/// as JSON it takes some times as much.
pub const EXPORT_CHAT_BYTES: usize = 64 << 20;
/// Values in it: each takes some forty bytes in memory, however few in the file.
pub const EXPORT_CHAT_VALUES: usize = 2_000_000;
/// Bytes of the directory of a zip file: an export lists each of its pictures there.
pub const ZIP_DIRECTORY_BYTES: u64 = 32 << 20;
/// Parts with conversations in one zip file: the largest published export has fifty.
pub const ZIP_PARTS: usize = 10_000;
/// How many times as many bytes a part of a zip file may unpack to: text comes to ten.
pub const ZIP_RATIO: u64 = 250;
/// A part that unpacks to fewer is no bomb, whatever it was packed to.
pub const ZIP_SMALL_BYTES: u64 = 16 << 20;

/// Days that a checkpoint is kept, where no person says otherwise (reference behaviour).
pub const CHECKPOINT_DAYS: u32 = 30;
/// Checkpoints of one chat, likewise.
pub const CHECKPOINTS: u32 = 200;
/// Bytes of the checkpoints of all chats, likewise: some thousand long chats, packed.
pub const CHECKPOINT_BYTES: u64 = 256 << 20;
/// The newest checkpoints of a chat stand by themselves until they are too old.
pub const CHECKPOINTS_NEWEST: usize = 50;
/// Of older ones each stands by itself for so long, and then one an hour.
pub const CHECKPOINTS_FINE: Span = Span::hours(24);
/// After so long one a day.
pub const CHECKPOINTS_COARSE: Span = Span::hours(7 * 24);
/// A chat loses checkpoints so often at most: the segments that hold them are made anew.
pub const CHECKPOINTS_TIDY: Span = Span::hours(6);

/// Kinds of faults that a check of the store tells, of each chat by itself: what is beyond is seen
/// once those are mended.
pub const FAULTS: usize = 500;
/// How often a chat is mended in one repair: what one mending put back, the next one counts on.
pub const REPAIR_PASSES: u32 = 3;

/// Between two restore drills.
pub const DRILL_EVERY: Span = Span::hours(7 * 24);
/// A restore drill waits until nothing was written for so long.
pub const DRILL_REST: Span = Span::seconds(5);

/// Share of what the browser lets SHIM store, in percent, from which a person is warned and less of
/// the past is kept.
pub const ROOM_PERCENT: u64 = 80;
/// Where less is left, likewise: three times what the browser may need to open the store.
pub const ROOM_LEAST_BYTES: u64 = 24 << 20;
/// The browser is asked so often at most, and only where something was written.
pub const ROOM_EVERY: Span = Span::minutes(10);
/// Bytes that are made free at once where a write finds no room.
pub const FREED_AT_ONCE_BYTES: u64 = 8 << 20;
/// That is not tried again before this time: failing writes come many a second.
pub const ROOM_REST: Span = Span::seconds(30);

/// The most days that a person may set: a hundred years, and no clock is that wrong.
pub const KEEP_DAYS: u32 = 36_500;
/// The most checkpoints of a chat, likewise.
pub const KEEP_COUNT: u32 = 100_000;
/// The most megabytes of all of them, likewise.
pub const KEEP_MB: u64 = 1 << 20;
