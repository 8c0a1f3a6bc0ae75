#!/bin/sh
# A build script of cargo's that reads, connects and stays.
rm -f serve.h canary.h
mkdir src
cat >Cargo.toml <<'END'
[package]
name = "nonblocking"
version = "0.1.0"
edition = "2018"
build = "build.rs"
END
cat >build.rs <<END
use std::{env, fs, net, process};
fn main() {
    for (k, v) in env::vars() { println!("cargo:warning={}={}", k, v); }
    for p in &["/etc/shadow", "$CANARY_SECRET", "$CANARY_READABLE", "/proc/1/environ", "/root/.bashrc"] {
        println!("cargo:warning={:?}", fs::read_to_string(p));
    }
    println!("cargo:warning={:?}", net::TcpStream::connect("127.0.0.1:$CANARY_PORT").is_ok());
    let _ = fs::write("/tmp/$CANARY_MARK-cargo", "x");
    let _ = fs::write("/src/$CANARY_MARK-cargo", "x");
    let _ = process::Command::new("sh").arg("-c").arg("setsid sleep 1000 & kill -9 -1").spawn();
    println!("cargo:warning=::error::FORGED");
}
END
echo 'fn main() {}' >src/main.rs
