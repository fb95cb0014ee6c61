//! Responds to every request with one credential. It runs in its own process, so that instruction counts cover only the
//! client.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

const CREDENTIAL: &str = r#"{"Alias":"Nightly intake","ChrootDirectory":"/","CreatedAt":1760000000123,"HomeDirectory":"/home/intake-robot-01","Host":"quiet-meadow-40417.sftptogo.com","Id":"9a41c07be25d38f6104a7ce3b8d52f","IsDefault":false,"OrganizationId":"0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b","Password":"Zq7-example-Pw-0001","Permission":"read-write","SshPublicKeysCount":0,"State":"active","URI":"sftp://intake-robot-01:Zq7-example-Pw-0001@quiet-meadow-40417.sftptogo.com","UpdatedAt":1760000000123,"UserName":"intake-robot-01"}"#;

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || serve(stream));
    }
    Ok(())
}

fn serve(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: {}\r\n\r\n{CREDENTIAL}",
        CREDENTIAL.len()
    );
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            writer.write_all(response.as_bytes())?;
        }
    }
}
