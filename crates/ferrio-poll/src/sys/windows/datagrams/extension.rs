//! `WSARecvMsg`, which no library exports: Winsock gives its address.
#![allow(unsafe_code, reason = "WSAIoctl")]

use std::mem::size_of_val;
use std::os::windows::io::{AsRawSocket, AsSocket};
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Networking::WinSock::{
    LPFN_WSARECVMSG, SIO_GET_EXTENSION_FUNCTION_POINTER, WSAID_WSARECVMSG, WSAIoctl,
};

/// The function, or `None` if Winsock has none. It is asked for one `socket` and holds for all, for
/// each is made by the same provider.
pub(crate) fn receive_message(socket: &impl AsSocket) -> LPFN_WSARECVMSG {
    static FOUND: OnceLock<LPFN_WSARECVMSG> = OnceLock::new();
    *FOUND.get_or_init(|| look_up(socket))
}

fn look_up(socket: &impl AsSocket) -> LPFN_WSARECVMSG {
    let (name, mut found, mut len): (_, LPFN_WSARECVMSG, _) = (WSAID_WSARECVMSG, None, 0);
    // SAFETY: it reads the name of the function and writes its address, or nothing, to `found`, and
    // how many bytes that was to `len`; both are as long as is said. An address of zeroes is `None`.
    let result = unsafe {
        WSAIoctl(
            socket.as_socket().as_raw_socket() as usize,
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            (&raw const name).cast(),
            size_of_val(&name) as u32,
            (&raw mut found).cast(),
            size_of_val(&found) as u32,
            &mut len,
            ptr::null_mut(),
            None,
        )
    };
    found.filter(|_| result == 0 && len as usize == size_of_val(&found))
}
