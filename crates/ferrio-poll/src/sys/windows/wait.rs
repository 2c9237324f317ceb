//! Waiting for an object through the port.
#![allow(unsafe_code, reason = "the calls that wait, and a callback of the system")]

use std::ffi::{CStr, c_void};
use std::fmt;
use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::{Arc, OnceLock};

use windows_sys::Win32::Foundation::{
    GENERIC_ALL, HANDLE, INVALID_HANDLE_VALUE, NTSTATUS, WAIT_FAILED, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE,
    WaitForSingleObject,
};
use windows_sys::w;

use crate::sys::windows::port::{Key, Packet, Port};
use crate::sys::windows::status;

/// One wait for an object, which ends by a packet of [`Key::Signalled`]. Dropping it ends the
/// wait: no packet is posted afterwards, but one that was posted before may be in the port.
///
/// Windows 8 and later carry it out in the kernel, by a wait completion packet. Where those
/// are absent, a thread of the system's pool waits and posts the packet.
#[derive(Debug)]
pub(super) enum Wait {
    Kernel(#[allow(dead_code, reason = "it is held to be dropped")] KernelWait),
    /// The object was signalled before; the packet is in the port.
    OfThePast,
    Pool(#[allow(dead_code, reason = "it is held to be dropped")] PoolWait),
}

impl Wait {
    /// Begins to wait for `object`; once it is signalled `port` gets a packet with `context`
    /// and `bytes`.
    pub(super) fn begin(
        port: &Arc<Port>,
        object: BorrowedHandle<'_>,
        context: usize,
        bytes: u32,
    ) -> io::Result<Wait> {
        match WaitPackets::get() {
            Some(packets) => KernelWait::begin(packets, port, object, context, bytes).map(Wait::Kernel),
            None => PoolWait::begin(port, object, context, bytes).map(Wait::Pool),
        }
    }

    /// A wait for an object that was found signalled: its packet comes at once.
    pub(super) fn of_the_past(port: &Port, context: usize, bytes: u32) -> io::Result<Wait> {
        port.post(Packet::new(Key::Signalled, context, bytes)).map(|()| Wait::OfThePast)
    }
}

/// True if `object` is signalled now; it is reset by that if it resets itself.
///
/// # Errors
///
/// If it is nothing that can be waited for.
pub(super) fn look(object: BorrowedHandle<'_>) -> io::Result<bool> {
    // SAFETY: the handle is borrowed, so it is open.
    match unsafe { WaitForSingleObject(object.as_raw_handle(), 0) } {
        WAIT_OBJECT_0 => Ok(true),
        WAIT_FAILED => Err(io::Error::last_os_error()),
        _ => Ok(false),
    }
}

/// A wait that the kernel carries out.
#[derive(Debug)]
pub(super) struct KernelWait {
    packet: OwnedHandle,
    packets: &'static WaitPackets,
}

impl KernelWait {
    fn begin(
        packets: &'static WaitPackets,
        port: &Port,
        object: BorrowedHandle<'_>,
        context: usize,
        bytes: u32,
    ) -> io::Result<KernelWait> {
        let mut packet = ptr::null_mut();
        // SAFETY: it makes a new object and writes its handle.
        let status = unsafe { (packets.create)(&mut packet, GENERIC_ALL, ptr::null()) };
        if status < 0 {
            return Err(status::error(status));
        }
        // SAFETY: the call above made the handle for us alone.
        let wait = KernelWait { packet: unsafe { OwnedHandle::from_raw_handle(packet) }, packets };
        let posted = Packet::new(Key::Signalled, context, bytes);
        // SAFETY: the three handles are open, and the key and the context are numbers.
        let status = unsafe {
            (packets.associate)(
                wait.packet.as_raw_handle(),
                port.raw(),
                object.as_raw_handle(),
                ptr::without_provenance(posted.raw_key()),
                ptr::without_provenance(context),
                0,
                bytes as usize,
                ptr::null_mut(),
            )
        };
        if status < 0 { Err(status::error(status)) } else { Ok(wait) }
    }
}

impl Drop for KernelWait {
    fn drop(&mut self) {
        // What it returns says whether the object was signalled before; then the packet is taken
        // out of the port again, or its reader finds it out of date.
        // SAFETY: the handle is open.
        unsafe { (self.packets.cancel)(self.packet.as_raw_handle(), 1) };
    }
}

/// The calls of wait completion packets, which Windows has since version 8.
#[derive(Debug)]
pub(super) struct WaitPackets {
    create: CreatePacket,
    associate: AssociatePacket,
    cancel: CancelPacket,
}

type CreatePacket = unsafe extern "system" fn(*mut HANDLE, u32, *const c_void) -> NTSTATUS;
type AssociatePacket = unsafe extern "system" fn(
    HANDLE,
    HANDLE,
    HANDLE,
    *const c_void,
    *const c_void,
    NTSTATUS,
    usize,
    *mut u8,
) -> NTSTATUS;
type CancelPacket = unsafe extern "system" fn(HANDLE, u8) -> NTSTATUS;
type Procedure = unsafe extern "system" fn() -> isize;

impl WaitPackets {
    /// `None` on a system that lacks them.
    fn get() -> Option<&'static WaitPackets> {
        static PACKETS: OnceLock<Option<WaitPackets>> = OnceLock::new();
        PACKETS.get_or_init(WaitPackets::find).as_ref()
    }

    fn find() -> Option<WaitPackets> {
        let create = procedure(c"NtCreateWaitCompletionPacket")?;
        let associate = procedure(c"NtAssociateWaitCompletionPacket")?;
        let cancel = procedure(c"NtCancelWaitCompletionPacket")?;
        Some(WaitPackets {
            // SAFETY: that is the signature of the function of this name.
            create: unsafe { mem::transmute::<Procedure, CreatePacket>(create) },
            // SAFETY: as above.
            associate: unsafe { mem::transmute::<Procedure, AssociatePacket>(associate) },
            // SAFETY: as above.
            cancel: unsafe { mem::transmute::<Procedure, CancelPacket>(cancel) },
        })
    }
}

/// A function of ntdll, if there is one of this name.
fn procedure(name: &'static CStr) -> Option<Procedure> {
    // SAFETY: the name ends with a zero. ntdll is part of each process and is never unloaded.
    let module = unsafe { GetModuleHandleW(w!("ntdll.dll")) };
    // SAFETY: a `CStr` ends with a zero.
    unsafe { GetProcAddress(module, name.as_ptr().cast()) }
}

/// A wait that a thread of the system's pool carries out.
pub(super) struct PoolWait {
    registration: HANDLE,
    /// What the callback posts. Given up when no callback can run any more.
    link: Arc<Link>,
}

// SAFETY: the handle of the registration may be used from any thread.
unsafe impl Send for PoolWait {}

struct Link {
    port: Arc<Port>,
    context: usize,
    bytes: u32,
}

impl PoolWait {
    fn begin(
        port: &Arc<Port>,
        object: BorrowedHandle<'_>,
        context: usize,
        bytes: u32,
    ) -> io::Result<PoolWait> {
        let link = Arc::new(Link { port: Arc::clone(port), context, bytes });
        let mut registration = ptr::null_mut();
        // SAFETY: the object is open, and the link lives until the registration has ended.
        let registered = unsafe {
            RegisterWaitForSingleObject(
                &mut registration,
                object.as_raw_handle(),
                Some(post),
                Arc::as_ptr(&link).cast(),
                INFINITE,
                WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD,
            )
        };
        if registered == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(PoolWait { registration, link })
    }
}

impl Drop for PoolWait {
    fn drop(&mut self) {
        // It waits for a callback that runs, which only posts a packet.
        // SAFETY: the registration is ended once, here.
        let ended = unsafe { UnregisterWaitEx(self.registration, INVALID_HANDLE_VALUE) };
        if ended == 0 {
            // The callback may still run.
            mem::forget(Arc::clone(&self.link));
        }
    }
}

impl fmt::Debug for PoolWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolWait").field("registration", &self.registration).finish()
    }
}

/// Runs in a thread of the system, once the object is signalled.
unsafe extern "system" fn post(link: *mut c_void, _timed_out: bool) {
    // SAFETY: `PoolWait` holds the link until no callback can run any more.
    let link = unsafe { &*link.cast::<Link>() };
    // It fails if the kernel has no memory left. Nobody could be told here.
    let _ = link.port.post(Packet::new(Key::Signalled, link.context, link.bytes));
}
