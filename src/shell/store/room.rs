//! Whether there is room for what the browser writes when it opens a database.
//!
//! Chromium throws a whole database away that it fails to open on a full disk, so nobody opens one
//! before this was asked.

use crate::base::Problem;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemWritableFileStream, Navigator, StorageManager,
};

/// Room that must be there: what the browser writes at an opening, with some to spare.
const ROOM_BYTES: u32 = 8 << 20;
/// The file that is written to see whether it can be.
const FILE: &str = "room";

/// Writes a file of the extension's own, which goes at once: what the browser estimates says
/// nothing: of a full disk it speaks of a gigabyte.
///
/// # Errors
/// `Problem::no_room`.
pub async fn try_out() -> Result<(), Problem> {
    write_and_remove().await.map_err(|_| Problem::no_room())
}

async fn write_and_remove() -> Result<(), JsValue> {
    let root = match JsFuture::from(storage()?.get_directory()).await {
        Ok(root) => root.unchecked_into::<FileSystemDirectoryHandle>(),
        // No such files here, which tells nothing of room.
        Err(thrown) if name(&thrown).as_deref() == Some("SecurityError") => return Ok(()),
        Err(thrown) => return Err(thrown),
    };
    let written = write(&root).await;
    let _ = JsFuture::from(root.remove_entry(FILE)).await;
    written
}

async fn write(root: &FileSystemDirectoryHandle) -> Result<(), JsValue> {
    let make = FileSystemGetFileOptions::new();
    make.set_create(true);
    let file = JsFuture::from(root.get_file_handle_with_options(FILE, &make)).await?;
    let file = file.unchecked_into::<FileSystemFileHandle>();
    let stream = JsFuture::from(file.create_writable()).await?;
    let stream = stream.unchecked_into::<FileSystemWritableFileStream>();
    let bytes = Uint8Array::new_with_length(ROOM_BYTES);
    JsFuture::from(stream.write_with_buffer_source(&bytes)?).await?;
    JsFuture::from(stream.close()).await.map(|_| ())
}

/// A worker and a page have it at the same place.
fn storage() -> Result<StorageManager, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = navigator.unchecked_into::<Navigator>().storage();
    if storage.is_undefined() { Err(JsValue::UNDEFINED) } else { Ok(storage) }
}

fn name(thrown: &JsValue) -> Option<String> {
    thrown.dyn_ref::<DomException>().map(DomException::name)
}
