//! No system: what is compiled where no list in `sys.rs` has the target.

#[cfg(not(target_family = "wasm"))]
compile_error!("ferrio-poll has no backend for this system; the README's platform table says which it has");

#[cfg(target_family = "wasm")]
compile_error!(
    "ferrio-poll has no backend for WebAssembly in a browser, where nothing may wait: build for wasm32-wasip1"
);
