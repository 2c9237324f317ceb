//! What a path leads to.
#![allow(unsafe_code, reason = "std does not tell which file a handle is of")]

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_STANDARD_INFO,
    FileStandardInfo, GetFileInformationByHandle, GetFileInformationByHandleEx, GetFinalPathNameByHandleW,
};

/// What a path leads to.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) identity: Identity,
    /// Without links, and as long as it has to be.
    pub(super) path: PathBuf,
    pub(super) is_directory: bool,
}

/// A file or directory, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    volume: u32,
    index: u64,
}

/// Looks up what `path` leads to, or the link itself.
pub(super) fn look_up(path: &Path, link_itself: bool) -> io::Result<Lookup> {
    let link = if link_itself { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
    let file = OpenOptions::new()
        .access_mode(FILE_READ_ATTRIBUTES)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | link)
        .open(path)?;
    Ok(Lookup {
        identity: identity(&file)?,
        path: final_path(&file)?,
        // That of a link is none.
        is_directory: file.metadata()?.is_dir(),
    })
}

fn identity(file: &File) -> io::Result<Identity> {
    let mut information = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the structure outlives the call.
    let result = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut information) };
    if result == 0 {
        return Err(io::Error::last_os_error());
    }
    let index = u64::from(information.nFileIndexHigh) << 32 | u64::from(information.nFileIndexLow);
    Ok(Identity { volume: information.dwVolumeSerialNumber, index })
}

/// The path that `file` has now.
pub(super) fn final_path(file: &File) -> io::Result<PathBuf> {
    let mut name = vec![0_u16; 512];
    loop {
        let room = u32::try_from(name.len()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open, and `name` has that much room.
        let len = unsafe { GetFinalPathNameByHandleW(file.as_raw_handle(), name.as_mut_ptr(), room, 0) };
        match len {
            0 => return Err(io::Error::last_os_error()),
            // Without the zero at the end.
            len if len < room => return Ok(OsString::from_wide(&name[..len as usize]).into()),
            // With it.
            len => name.resize(len as usize + 1, 0),
        }
    }
}

/// True if `file` was deleted, and is there only for those that have it open.
pub(super) fn is_deleted(file: &File) -> bool {
    let mut information = FILE_STANDARD_INFO::default();
    let len = size_of::<FILE_STANDARD_INFO>() as u32;
    let room = ptr::from_mut(&mut information).cast();
    // SAFETY: the handle is open, and the structure of this class outlives the call.
    let result = unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileStandardInfo, room, len) };
    // What cannot be asked any more is gone.
    result == 0 || information.DeletePending || information.NumberOfLinks == 0
}
