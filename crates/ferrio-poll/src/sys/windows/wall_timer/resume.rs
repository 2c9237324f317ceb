//! The timers that are told when the machine has slept.
#![allow(unsafe_code, reason = "the system calls a function when it wakes up")]

use std::ffi::c_void;
use std::fmt::Debug;
use std::io;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use windows_sys::Win32::Foundation::HANDLE;

/// Something that has to know that the machine has slept.
pub(super) trait Resumed: Debug + Send + Sync {
    /// The machine woke up.
    fn resumed(&self);
}

/// Tells `resumed` when the machine has woken up, as long as it lives.
pub(super) fn tell(resumed: &Arc<dyn Resumed>) -> io::Result<()> {
    static REGISTERED: OnceLock<u32> = OnceLock::new();
    let code = *REGISTERED.get_or_init(register);
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code as i32));
    }
    let mut listeners = listeners();
    if listeners.len() == listeners.capacity() {
        listeners.retain(|listener| listener.strong_count() > 0);
    }
    listeners.push(Arc::downgrade(resumed));
    Ok(())
}

/// Tells all of them.
pub(super) fn tell_all() {
    // Not under the lock: the last owner of one may be here.
    let listeners: Vec<_> = listeners().iter().filter_map(Weak::upgrade).collect();
    for listener in listeners {
        listener.resumed();
    }
}

fn listeners() -> MutexGuard<'static, Vec<Weak<dyn Resumed>>> {
    static LISTENERS: Mutex<Vec<Weak<dyn Resumed>>> = Mutex::new(Vec::new());
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has `woke_up` called for the rest of the process; the error code of Windows.
fn register() -> u32 {
    let parameters = Parameters { callback: woke_up, context: ptr::null_mut() };
    let mut registration = ptr::null_mut();
    // SAFETY: with this flag the recipient is a pointer to such a structure, which is copied by
    // the call, and the function in it is there for as long as the process.
    unsafe {
        PowerRegisterSuspendResumeNotification(
            DEVICE_NOTIFY_CALLBACK,
            ptr::from_ref(&parameters).cast_mut().cast(),
            &mut registration,
        )
    }
}

/// Called by the system, on a thread of its own, when the machine is about to sleep and when it
/// has woken up; to set the timers anew before a sleep does no harm.
unsafe extern "system" fn woke_up(_: *const c_void, _: u32, _: *const c_void) -> u32 {
    tell_all();
    0
}

/// DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS.
#[repr(C)]
struct Parameters {
    callback: unsafe extern "system" fn(*const c_void, u32, *const c_void) -> u32,
    context: *mut c_void,
}

/// The recipient is a function and no window.
const DEVICE_NOTIFY_CALLBACK: u32 = 2;

// windows-sys has it with a large part that is about windows.
windows_link::link!("powrprof.dll" "system" fn PowerRegisterSuspendResumeNotification(
    flags: u32,
    recipient: HANDLE,
    registration: *mut *mut c_void
) -> u32);
