//! An operation of any type, in a room of fixed size.
#![allow(unsafe_code, reason = "an operation is written to and read from bytes whose type a table remembers")]

use std::any::TypeId;
use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::ptr;

use crate::op::perform::Perform;
use crate::op::request::Request;

/// How many bytes an operation may take without a box of its own: a handle, a vector and an
/// offset, or a chunk and what stands beside it.
const ROOM: usize = 48;

/// An operation, or the box of one that is larger than the room.
///
/// It moves like any value while the kernel does not know of it. Once it was asked for its
/// [`request`](Erased::request) it stays where it is until the kernel is done with that.
pub(crate) struct Erased {
    table: &'static Table,
    room: Room,
    /// An operation need not be [`Send`].
    not_send: PhantomData<*mut ()>,
}

#[repr(C, align(8))]
struct Room(MaybeUninit<[u8; ROOM]>);

/// What can be done with an operation whose type is forgotten. Each function takes the address
/// of the room.
struct Table {
    type_id: fn() -> TypeId,
    request: unsafe fn(*mut u8) -> Request,
    finish: unsafe fn(*mut u8, u32),
    drop: unsafe fn(*mut u8),
}

/// Gives each operation its table.
trait Tabled: Perform {
    const IS_BOXED: bool = size_of::<Self>() > ROOM || align_of::<Self>() > align_of::<Room>();

    const TABLE: &'static Table = &Table {
        type_id: TypeId::of::<Self>,
        request: request::<Self>,
        finish: finish::<Self>,
        drop: drop_in_room::<Self>,
    };
}

impl<O: Perform> Tabled for O {}

/// The address of the operation in `room`.
///
/// # Safety
///
/// `room` is that of an [`Erased`] that was made of an `O`.
unsafe fn get<O: Perform>(room: *mut u8) -> *mut u8 {
    if O::IS_BOXED {
        // SAFETY: a boxed operation is the pointer that `Box::into_raw` gave, at the begin of the
        // room, which is aligned for a pointer; the caller vouches for the type.
        unsafe { room.cast::<*mut u8>().read() }
    } else {
        room
    }
}

/// The operation in `room`, for as long as the caller has the room to itself.
///
/// # Safety
///
/// As for [`get`], and nothing else uses the operation meanwhile.
unsafe fn operation<'a, O: Perform>(room: *mut u8) -> &'a mut O {
    // SAFETY: passed on to the caller.
    let address = unsafe { get::<O>(room) };
    // SAFETY: there lies an `O`, by the word of the caller, who also has it to itself.
    unsafe { &mut *address.cast::<O>() }
}

/// # Safety
///
/// As for [`operation`].
unsafe fn request<O: Perform>(room: *mut u8) -> Request {
    // SAFETY: passed on to the caller.
    unsafe { operation::<O>(room) }.request()
}

/// # Safety
///
/// As for [`operation`], and the kernel wrote as many bytes as the caller says.
unsafe fn finish<O: Perform>(room: *mut u8, count: u32) {
    // SAFETY: passed on to the caller.
    let operation = unsafe { operation::<O>(room) };
    // SAFETY: passed on to the caller.
    unsafe { operation.finish(count) }
}

/// # Safety
///
/// As for [`operation`], and nobody uses the room afterwards.
unsafe fn drop_in_room<O: Perform>(room: *mut u8) {
    // SAFETY: passed on to the caller.
    let address = unsafe { get::<O>(room) };
    if O::IS_BOXED {
        // SAFETY: the pointer came from `Box::into_raw` of a box of this type, and is used no more.
        drop(unsafe { Box::from_raw(address.cast::<O>()) });
    } else {
        // SAFETY: there lies an `O`, which nobody uses afterwards.
        unsafe { address.cast::<O>().drop_in_place() };
    }
}

impl Erased {
    pub(crate) fn new<O: Perform>(operation: O) -> Erased {
        let mut room = Room(MaybeUninit::uninit());
        let address = room.0.as_mut_ptr().cast::<u8>();
        if O::IS_BOXED {
            // SAFETY: the room is larger than a pointer and aligned for one.
            unsafe { address.cast::<*mut O>().write(Box::into_raw(Box::new(operation))) };
        } else {
            // SAFETY: `IS_BOXED` is false if the operation fits in, also by its alignment.
            unsafe { address.cast::<O>().write(operation) };
        }
        Erased { table: O::TABLE, room, not_send: PhantomData }
    }

    fn address(&mut self) -> *mut u8 {
        self.room.0.as_mut_ptr().cast()
    }

    /// What the kernel is to do. The addresses in it hold while `self` neither moves nor drops.
    pub(crate) fn request(&mut self) -> Request {
        let address = self.address();
        // SAFETY: the table is that of the operation in the room, which is borrowed exclusively.
        unsafe { (self.table.request)(address) }
    }

    /// Tells the operation that the kernel wrote `count` bytes for it.
    ///
    /// # Safety
    ///
    /// It did, at the addresses of the last [`request`](Erased::request).
    pub(crate) unsafe fn finish(&mut self, count: u32) {
        let address = self.address();
        // SAFETY: the table is that of the operation in the room, which is borrowed exclusively;
        // the count is the caller's word.
        unsafe { (self.table.finish)(address, count) }
    }

    /// Whether it is an `O`.
    fn is<O: Perform>(&self) -> bool {
        // The same table is the same type; one type may have several tables.
        ptr::eq(self.table, O::TABLE) || (self.table.type_id)() == TypeId::of::<O>()
    }

    pub(crate) fn get_mut<O: Perform>(&mut self) -> Option<&mut O> {
        if !self.is::<O>() {
            return None;
        }
        let address = self.address();
        // SAFETY: it is an `O`, as was just checked, and is borrowed exclusively.
        Some(unsafe { operation::<O>(address) })
    }

    /// The operation, if it is an `O`.
    pub(crate) fn take<O: Perform>(self) -> Result<O, Erased> {
        if !self.is::<O>() {
            return Err(self);
        }
        let mut this = mem::ManuallyDrop::new(self);
        let room = this.address();
        if O::IS_BOXED {
            // SAFETY: it is an `O`, as was just checked.
            let address = unsafe { get::<O>(room) };
            // SAFETY: the pointer came from `Box::into_raw`, and `self` is not dropped.
            return Ok(*unsafe { Box::from_raw(address.cast::<O>()) });
        }
        // SAFETY: it is an `O`, as was just checked, and `self` is not dropped.
        Ok(unsafe { room.cast::<O>().read() })
    }
}

impl Drop for Erased {
    fn drop(&mut self) {
        let address = self.address();
        // SAFETY: the table is that of the operation in the room, which goes now.
        unsafe { (self.table.drop)(address) }
    }
}

impl Debug for Erased {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Erased")
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::Erased;
    use crate::op::perform::{Code, Handles, Perform, Shape};
    use crate::op::request::Request;

    /// An operation that counts as long as it lives, with `N` bytes beside.
    #[derive(Debug)]
    struct Counted<const N: usize> {
        alive: Rc<()>,
        bytes: [u8; N],
    }

    impl<const N: usize> Perform for Counted<N> {
        const CODE: Code = Code::Recv;
        const SHAPE: Shape = Shape::One;

        fn handles(&self) -> Handles {
            Handles::NONE
        }

        fn request(&mut self) -> Request {
            Request::Recv { into: self.bytes.as_mut_ptr(), len: N, flags: 0 }
        }
    }

    fn goes_and_comes<const N: usize>() {
        let alive = Rc::new(());
        let counted = || Counted { alive: Rc::clone(&alive), bytes: [N as u8; N] };
        drop(Erased::new(counted()));
        assert_eq!(Rc::strong_count(&alive), 1);

        let erased = Erased::new(counted());
        let mut erased = erased.take::<Counted<7>>().expect_err("another type");
        assert!(erased.get_mut::<Counted<7>>().is_none());
        assert!(erased.get_mut::<Counted<N>>().is_some());
        let taken = erased.take::<Counted<N>>().expect("its type");
        assert_eq!((Rc::strong_count(&taken.alive), taken.bytes), (2, [N as u8; N]));
        drop(taken);
        assert_eq!(Rc::strong_count(&alive), 1);
    }

    #[test]
    fn an_operation_comes_out_as_it_went_in_whether_it_fits_or_not() {
        goes_and_comes::<1>();
        goes_and_comes::<40>();
        goes_and_comes::<41>();
        goes_and_comes::<4096>();
    }

    #[test]
    fn the_addresses_of_a_request_hold_where_the_operation_is() {
        let alive = Rc::new(());
        let mut erased = Box::new(Erased::new(Counted { alive, bytes: [3; 40] }));
        let first = erased.request();
        assert_eq!(first, erased.request());
        let Request::Recv { into, len: 40, .. } = first else { panic!("{first:?}") };
        let room = &raw const *erased as usize..&raw const *erased as usize + size_of::<Erased>();
        assert!(room.contains(&(into as usize)));
    }

    #[test]
    fn no_more_than_seven_words() {
        assert_eq!(size_of::<Option<Erased>>(), 56);
    }
}
