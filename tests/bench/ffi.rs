// ffi.rs - what ffi.c measures, in Rust
use std::os::raw::{c_int, c_long, c_void};
use std::ptr::null;

#[link(name = "tunnel")]
extern "C" {
    fn clock() -> c_long; // of libc: a million a second, as POSIX has it
    fn tunnel_client_new(a: *const c_void) -> *mut c_void;
    fn tunnel_client_flags(c: *mut c_void) -> c_int;
    fn tunnel_pump_new(a: *const c_void, ab: usize, ba: usize) -> *mut c_void;
    fn tunnel_pump_put(p: *mut c_void, w: c_int, i: *const u8, n: usize, u: &mut usize) -> c_int;
    fn tunnel_pump_take(p: *mut c_void, w: c_int, o: *mut u8, n: usize, g: &mut usize) -> c_int;
}
const BLOCK: usize = 16384;

/// Seconds that one round takes.
fn spent(mut round: impl FnMut()) -> f64 {
    let mut rounds = 1;
    loop {
        rounds *= 2;
        let began = unsafe { clock() };
        (0..rounds).for_each(|_| round());
        let seconds = (unsafe { clock() } - began) as f64 / 1e6;
        if seconds >= 0.2 {
            return seconds / rounds as f64;
        }
    }
}

fn main() {
    let (data, mut out, mut n) = (vec![b'x'; BLOCK], vec![0; BLOCK], 0);
    let client = unsafe { tunnel_client_new(null()) };
    let pump = unsafe { tunnel_pump_new(null(), 65536, 65536) };
    let call = spent(|| {
        unsafe { tunnel_client_flags(client) };
    });
    let block = spent(|| unsafe {
        tunnel_pump_put(pump, 0, data.as_ptr(), BLOCK, &mut n);
        tunnel_pump_take(pump, 0, out.as_mut_ptr(), BLOCK, &mut n);
    });
    assert!(data == out);
    println!("{:.3} {:.1}", call * 1e9, BLOCK as f64 / block / 1e6);
}
