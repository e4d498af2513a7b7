//! Whether there is room for what the browser writes when it opens a database.
//!
//! Chromium throws a whole database away that it fails to open on a full disk, so nobody opens one
//! before this was asked. It is tried out on another one, in a storage bucket of its own: that one
//! holds nothing, and may be thrown away. A file of the extension's own would not do there: on a
//! full disk the index of such files fails in a way that ends the whole browser. Firefox has no
//! buckets; it keeps its databases, and its files do no harm.

use super::commit::completion;
use crate::base::Problem;
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemWritableFileStream, IdbDatabase, IdbFactory, IdbOpenDbRequest, Navigator,
    StorageManager,
};

/// Room that must be there: what the browser writes at an opening, with some to spare.
const ROOM_BYTES: u32 = 8 << 20;
/// The bucket, its database and that one's store; elsewhere the file that is written.
const NAME: &str = "room";

#[wasm_bindgen]
extern "C" {
    /// `navigator.storageBuckets`.
    type Buckets;
    #[wasm_bindgen(method)]
    fn open(this: &Buckets, name: &str) -> Promise;

    type Bucket;
    #[wasm_bindgen(method, getter, js_name = indexedDB)]
    fn indexed_db(this: &Bucket) -> IdbFactory;

    #[wasm_bindgen(extends = IdbDatabase)]
    type Trial;
    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction_with(
        this: &Trial,
        store: &str,
        mode: &str,
        options: &Object,
    ) -> Result<web_sys::IdbTransaction, JsValue>;
}

/// Writes as much as an opening may need, which goes at once. What the browser estimates says
/// nothing: of a full disk it speaks of a gigabyte.
///
/// # Errors
/// `Problem::no_room`.
pub async fn try_out() -> Result<(), Problem> {
    let tried = async {
        let buckets = Reflect::get(navigator()?.as_ref(), &"storageBuckets".into())?;
        if buckets.is_undefined() {
            return in_file().await;
        }
        let bucket = JsFuture::from(buckets.unchecked_into::<Buckets>().open(NAME)).await?;
        in_bucket(&bucket.unchecked_into::<Bucket>().indexed_db()).await
    };
    tried.await.map_err(|_: JsValue| Problem::no_room())
}

async fn in_bucket(factory: &IdbFactory) -> Result<(), JsValue> {
    let database = opened(&factory.open_with_u32(NAME, 1)?).await?.unchecked_into::<Trial>();
    let written = write_in(&database).await;
    // It waits for what was ordered.
    database.close();
    written
}

async fn write_in(database: &Trial) -> Result<(), JsValue> {
    let change = |durability: &str| {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &durability.into())?;
        database.transaction_with(NAME, "readwrite", &options)
    };
    let put = change("strict")?;
    let key = JsValue::from(1);
    put.object_store(NAME)?.put_with_key(&Uint8Array::new_with_length(ROOM_BYTES), &key)?;
    completion(&put).await?;
    // Nobody waits for it to go.
    change("relaxed")?.object_store(NAME)?.delete(&key).map(|_| ())
}

/// The database, made where there is none.
async fn opened(request: &IdbOpenDbRequest) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        let (done, failed, made) = (request.clone(), request.clone(), request.clone());
        let success = Closure::once_into_js(move || {
            let _ = resolve.call1(&JsValue::NULL, &done.result().unwrap_or(JsValue::NULL));
        });
        let failure = Closure::once_into_js(move || {
            let why = failed.error().ok().flatten().map_or(JsValue::NULL, JsValue::from);
            let _ = reject.call1(&JsValue::NULL, &why);
        });
        let upgrade = Closure::once_into_js(move || {
            let database = made.result().unwrap_or(JsValue::NULL).unchecked_into::<IdbDatabase>();
            // Without it the transaction above fails, and says so.
            let _ = database.create_object_store(NAME);
        });
        request.set_onsuccess(Some(success.unchecked_ref()));
        request.set_onerror(Some(failure.unchecked_ref()));
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    });
    JsFuture::from(promise).await
}

async fn in_file() -> Result<(), JsValue> {
    let root = match JsFuture::from(storage()?.get_directory()).await {
        Ok(root) => root.unchecked_into::<FileSystemDirectoryHandle>(),
        // No such files here, which tells nothing of room.
        Err(thrown) if name(&thrown).as_deref() == Some("SecurityError") => return Ok(()),
        Err(thrown) => return Err(thrown),
    };
    // Popup and background may try at the same time.
    let place = Reflect::get(&js_sys::global(), &"location".into())?;
    let path = Reflect::get(&place, &"pathname".into())?.as_string().unwrap_or_default();
    let file = format!("{NAME}{}", path.replace('/', "-"));
    let written = write_file(&root, &file).await;
    let _ = JsFuture::from(root.remove_entry(&file)).await;
    written
}

async fn write_file(root: &FileSystemDirectoryHandle, name: &str) -> Result<(), JsValue> {
    let make = FileSystemGetFileOptions::new();
    make.set_create(true);
    let file = JsFuture::from(root.get_file_handle_with_options(name, &make)).await?;
    let file = file.unchecked_into::<FileSystemFileHandle>();
    let stream = JsFuture::from(file.create_writable()).await?;
    let stream = stream.unchecked_into::<FileSystemWritableFileStream>();
    let bytes = Uint8Array::new_with_length(ROOM_BYTES);
    JsFuture::from(stream.write_with_buffer_source(&bytes)?).await?;
    JsFuture::from(stream.close()).await.map(|_| ())
}

/// Bytes that the browser says are stored of the extension, and may be. It is a guess that knows
/// nothing of a full disk, so it decides what is told and kept early, and never whether to write.
pub async fn measured() -> Option<(u64, u64)> {
    let estimate = JsFuture::from(storage().ok()?.estimate().ok()?).await.ok()?;
    let of = |name: &str| Reflect::get(&estimate, &name.into()).ok()?.as_f64().map(whole);
    Some((of("usage")?, of("quota")?))
}

fn whole(bytes: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the browser counts bytes in whole numbers from 0"
    )]
    let bytes = bytes as u64;
    bytes
}

/// A worker and a page have it at the same place.
fn navigator() -> Result<Navigator, JsValue> {
    Ok(Reflect::get(&js_sys::global(), &"navigator".into())?.unchecked_into())
}

fn storage() -> Result<StorageManager, JsValue> {
    let storage = navigator()?.storage();
    if storage.is_undefined() { Err(JsValue::UNDEFINED) } else { Ok(storage) }
}

fn name(thrown: &JsValue) -> Option<String> {
    thrown.dyn_ref::<DomException>().map(DomException::name)
}
