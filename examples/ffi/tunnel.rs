//! libtunnel for Rust, by rustc alone: a tunnel can be read and written.  As a program it joins
//! stdin and stdout to one, or is a proxy on a free port of loopback.
//!
//!     tunnel connect http://user:password@proxy:3128 host port
//!     tunnel serve user password

use std::ffi::{CStr, CString};
use std::io::{self, copy, Error, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::{raw::*, unix::io::FromRawFd};
use std::{fs::File, ptr::null_mut, sync::Mutex, thread};

type Ptr = *mut c_void;
type Text = *const c_char;
type Dialled = extern "C" fn(ud: Ptr, dial: Ptr, result: c_int, fd: c_int);

#[link(name = "tunnel")]
extern "C" {
    fn tunnel_error_name(error: c_int) -> Text;
    fn tunnel_strerror(error: c_int) -> Text;
    fn tunnel_loop_new(a: Ptr, backend: Text) -> Ptr;
    fn tunnel_loop_run(l: Ptr) -> c_int;
    fn tunnel_loop_stop(l: Ptr);
    fn tunnel_loop_free(l: Ptr);
    fn tunnel_resolver_new(a: Ptr, l: Ptr, threads: c_uint) -> Ptr;
    fn tunnel_resolver_free(r: Ptr);
    fn tunnel_dial_new(a: Ptr, l: Ptr, r: Ptr) -> Ptr;
    fn tunnel_dial_via(d: Ptr, url: Text) -> c_int;
    fn tunnel_dial_start(d: Ptr, host: Text, port: c_uint, f: Dialled, ud: Ptr) -> c_int;
    fn tunnel_dial_status(d: Ptr) -> c_int;
    fn tunnel_dial_surplus(d: Ptr, n: &mut usize) -> *const u8;
    fn tunnel_dial_free(d: Ptr);
    fn tunnel_server_new(a: Ptr) -> Ptr;
    fn tunnel_server_feed(s: Ptr, at: *const u8, n: usize, used: &mut usize) -> c_int;
    fn tunnel_server_drain(s: Ptr, at: *mut u8, cap: usize, got: &mut usize) -> c_int;
    fn tunnel_server_basic(s: Ptr, u: *mut u8, n: usize, p: *mut u8, m: usize) -> c_int;
    fn tunnel_server_field(s: Ptr, name: Text, value: Text) -> c_int;
    fn tunnel_server_host(s: Ptr) -> Text;
    fn tunnel_server_port(s: Ptr) -> c_uint;
    fn tunnel_server_accept(s: Ptr) -> c_int;
    fn tunnel_server_fail(s: Ptr, error: c_int) -> c_int;
    fn tunnel_server_free(s: Ptr);
    fn tunnel_pump_new(a: Ptr, cap_ab: usize, cap_ba: usize) -> Ptr;
    fn tunnel_pump_put(p: Ptr, way: c_int, at: *const u8, n: usize, used: &mut usize) -> c_int;
    fn tunnel_pump_take(p: Ptr, way: c_int, at: *mut u8, cap: usize, got: &mut usize) -> c_int;
    fn tunnel_pump_eof(p: Ptr, way: c_int) -> c_int;
    fn tunnel_pump_shut(p: Ptr, way: c_int) -> c_int;
    fn tunnel_pump_reset(p: Ptr, side: c_int) -> c_int;
    fn tunnel_pump_free(p: Ptr);
}
const IN: c_int = 1; const OUT: c_int = 2; // as tunnel_constant() says, too
const FIN: c_int = 32; const DONE: c_int = 128; const RESET: c_int = 256;
const EAUTH: c_int = -18; const ECONNECT: c_int = -22;

/// An error of the library's, and the status that a proxy replied with, or 0.
fn failure(code: c_int, status: c_int) -> Error {
    let text = |at| unsafe { CStr::from_ptr(at).to_string_lossy() };
    let (name, why) = unsafe { (text(tunnel_error_name(code)), text(tunnel_strerror(code))) };
    Error::new(ErrorKind::Other, format!("{name}: {why} ({status})"))
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(failure(result, 0)) } else { Ok(result) }
}

/// An object of the library's, which ends with it; one thread at a time may have it.
struct Owned(Ptr, unsafe extern "C" fn(Ptr));
unsafe impl Send for Owned {}
impl Drop for Owned {
    fn drop(&mut self) { unsafe { (self.1)(self.0) } }
}
fn owned(p: Ptr, free: unsafe extern "C" fn(Ptr)) -> io::Result<Owned> {
    if p.is_null() { Err(ErrorKind::OutOfMemory.into()) } else { Ok(Owned(p, free)) }
}

/// A tunnel, with what the target said before anybody had asked.
pub struct Tunnel { pub socket: TcpStream, early: io::Cursor<Vec<u8>> }
impl Tunnel {
    extern "C" fn dialled(ud: Ptr, _: Ptr, result: c_int, fd: c_int) {
        let end = unsafe { &mut *(ud as *mut (Ptr, c_int)) };
        end.1 = if result < 0 { result } else { fd };
        unsafe { tunnel_loop_stop(end.0) }
    }
    /// Through the proxy of that URL, which may have credentials.
    pub fn open(proxy: &str, host: &str, port: u16) -> io::Result<Tunnel> {
        let (url, host) = (CString::new(proxy)?, CString::new(host)?);
        unsafe {
            let l = owned(tunnel_loop_new(null_mut(), null_mut()), tunnel_loop_free)?;
            let r = owned(tunnel_resolver_new(null_mut(), l.0, 0), tunnel_resolver_free)?;
            let d = owned(tunnel_dial_new(null_mut(), l.0, r.0), tunnel_dial_free)?;
            let (mut end, mut n) = ((l.0, 0), 0);
            check(tunnel_dial_via(d.0, url.as_ptr()))?;
            let ud = &mut end as *mut _ as Ptr;
            check(tunnel_dial_start(d.0, host.as_ptr(), port.into(), Self::dialled, ud))?;
            check(tunnel_loop_run(l.0))?;
            if end.1 < 0 { return Err(failure(end.1, tunnel_dial_status(d.0))); }
            let socket = TcpStream::from_raw_fd(end.1);
            socket.set_nonblocking(false)?;
            let early = tunnel_dial_surplus(d.0, &mut n);
            let early = if n == 0 { vec![] } else { std::slice::from_raw_parts(early, n).to_vec() };
            Ok(Tunnel { socket, early: io::Cursor::new(early) })
        }
    }
}
impl Read for Tunnel {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.early.read(to)? { 0 => self.socket.read(to), n => Ok(n) }
    }
}
impl Write for Tunnel {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> { self.socket.write(from) }
    fn flush(&mut self) -> io::Result<()> { self.socket.flush() }
}

/// One way of a pump.  Who reads slowly holds back who sends: 64 KiB are the most in between.
fn carry(pump: &Mutex<Owned>, way: c_int, mut from: &TcpStream, mut to: &TcpStream) {
    let (mut buffer, mut n, mut flags) = (vec![0; 65536], 0, 0);
    while flags & DONE == 0 {
        let got = from.read(&mut buffer);
        let p = pump.lock().unwrap();
        match got {
            Ok(0) => unsafe { tunnel_pump_eof(p.0, way) },
            Ok(got) => unsafe { tunnel_pump_put(p.0, way, buffer.as_ptr(), got, &mut n) },
            Err(_) => unsafe { tunnel_pump_reset(p.0, way) },
        };
        flags = unsafe { tunnel_pump_take(p.0, way, buffer.as_mut_ptr(), buffer.len(), &mut n) };
        drop(p);
        if to.write_all(&buffer[..n]).is_err() || flags & (FIN | RESET) != 0 {
            to.shutdown(if flags & FIN != 0 { Shutdown::Write } else { Shutdown::Both }).ok();
            flags = unsafe { tunnel_pump_shut(pump.lock().unwrap().0, way) };
        }
    }
}

/// The server's part until it asks, opens or is done: what came behind it.
fn handshake(s: &Owned, mut client: &TcpStream, mut flags: c_int) -> io::Result<Vec<u8>> {
    let (mut buffer, mut n, mut rest) = (vec![0; 16384], 0, vec![]);
    while flags & (IN | OUT) != 0 {
        if flags & OUT != 0 {
            flags = unsafe { tunnel_server_drain(s.0, buffer.as_mut_ptr(), buffer.len(), &mut n) };
            client.write_all(&buffer[..n])?;
        } else {
            let got = client.read(&mut buffer)?;
            if got == 0 { return Err(ErrorKind::UnexpectedEof.into()); }
            flags = check(unsafe { tunnel_server_feed(s.0, buffer.as_ptr(), got, &mut n) })?;
            rest = buffer[n..got].to_vec();
        }
    }
    Ok(rest)
}

fn serve(client: &TcpStream, user: &str, password: &str) -> io::Result<()> {
    let s = owned(unsafe { tunnel_server_new(null_mut()) }, tunnel_server_free)?;
    let early = handshake(&s, client, IN)?;
    let (mut mine, mut told) = ([0; 512], [0; 512]);
    mine[..user.len()].copy_from_slice(user.as_bytes());
    mine[256..][..password.len()].copy_from_slice(password.as_bytes());
    let (u, p) = told.split_at_mut(256);
    let mut wrong = unsafe { tunnel_server_basic(s.0, u.as_mut_ptr(), 256, p.as_mut_ptr(), 256) };
    mine.iter().zip(told).for_each(|(a, b)| wrong |= c_int::from(a ^ b));
    let target = if wrong != 0 {
        let challenge = ("Proxy-Authenticate\0".as_ptr(), "Basic realm=\"proxy\"\0".as_ptr());
        unsafe { tunnel_server_field(s.0, challenge.0 as Text, challenge.1 as Text) };
        Err(EAUTH)
    } else {
        let host = unsafe { CStr::from_ptr(tunnel_server_host(s.0)) }.to_string_lossy();
        TcpStream::connect((&*host, unsafe { tunnel_server_port(s.0) } as u16)).or(Err(ECONNECT))
    };
    handshake(&s, client, check(match target {
        Ok(_) => unsafe { tunnel_server_accept(s.0) },
        Err(error) => unsafe { tunnel_server_fail(s.0, error) },
    })?)?;
    if let Ok(mut target) = target {
        target.write_all(&early)?;
        let pump = unsafe { tunnel_pump_new(null_mut(), 65536, 65536) };
        let pump = Mutex::new(owned(pump, tunnel_pump_free)?);
        thread::scope(|scope| {
            scope.spawn(|| carry(&pump, 0, client, &target));
            carry(&pump, 1, &target, client);
        });
    }
    Ok(())
}

pub fn main() -> io::Result<()> {
    let words: Vec<_> = std::env::args().collect();
    if words[1] == "connect" {
        let mut tunnel = Tunnel::open(&words[2], &words[3], words[4].parse().unwrap())?;
        let mut up = tunnel.socket.try_clone()?;
        thread::spawn(move || copy(&mut io::stdin(), &mut up).and(up.shutdown(Shutdown::Write)));
        return copy(&mut tunnel, &mut unsafe { File::from_raw_fd(1) }).map(|_| ());
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, words) = (listener.accept()?.0, words.clone());
        thread::spawn(move || serve(&client, &words[2], &words[3]));
    }
}
