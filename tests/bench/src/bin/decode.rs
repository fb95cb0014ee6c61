//! Decodes a list of users: this crate from XML, quick-xml's serde from the same XML, and serde_json from the
//! equivalent JSON.
//!
//! `decode [USERS]` prints millions of users per CPU second: medians of five interleaved runs.

use std::fmt::Write as _;

use serde::Deserialize;

/// The same fields, as far as quick-xml's serde supports them.
#[derive(Deserialize)]
#[allow(dead_code, reason = "only decoded")]
struct Plain {
    id: u64,
    username: Option<String>,
    authentication_method: Option<String>,
    last_login_at: Option<String>,
    authenticate_until: Option<String>,
    name: Option<String>,
    email: Option<String>,
    notes: Option<String>,
    group_ids: Option<String>,
    ftp_permission: Option<bool>,
    sftp_permission: Option<bool>,
    dav_permission: Option<bool>,
    restapi_permission: Option<bool>,
    attachments_permission: Option<bool>,
    self_managed: Option<bool>,
    require_password_change: Option<bool>,
    allowed_ips: Option<String>,
    user_root: Option<String>,
    time_zone: Option<String>,
    language: Option<String>,
    ssl_required: Option<String>,
    site_admin: Option<bool>,
    can_create_new_users: Option<bool>,
}

#[derive(Deserialize)]
struct PlainUsers {
    user: Vec<Plain>,
}

fn main() {
    let users = std::env::args().nth(1).and_then(|users| users.parse().ok()).unwrap_or(100_000_usize);
    let (xml, json) = documents(users);
    let mut seconds = [const { Vec::new() }; 3];
    for _ in 0..5 {
        seconds[0].push(measure(|| brickftp::xml::from_slice::<Vec<brickftp::User>>(xml.as_bytes()).unwrap().len()));
        seconds[1].push(measure(|| quick_xml::de::from_str::<PlainUsers>(&xml).unwrap().user.len()));
        seconds[2].push(measure(|| serde_json::from_str::<Vec<brickftp::User>>(&json).unwrap().len()));
    }
    let rates = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        users as f64 / 1e6 / seconds[2]
    });
    println!(
        "XML, ours: {:.3} M users/s; quick-xml's serde: {:.3}; ratio {:.2}",
        rates[0],
        rates[1],
        rates[0] / rates[1]
    );
    println!("JSON, ours: {:.3} M users/s", rates[2]);
}

fn measure(work: impl Fn() -> usize) -> f64 {
    let before = cpu_seconds();
    assert!(work() > 0);
    cpu_seconds() - before
}

fn documents(users: usize) -> (String, String) {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users type=\"array\">\n".to_owned();
    let mut json = "[".to_owned();
    for id in 1..=users {
        let flags = |text: &mut String, xml: bool| {
            for name in [
                "ftp_permission",
                "sftp_permission",
                "dav_permission",
                "restapi_permission",
                "attachments_permission",
                "self_managed",
                "require_password_change",
                "site_admin",
                "can_create_new_users",
            ] {
                let _ = match xml {
                    true => writeln!(text, "    <{name} type=\"boolean\">true</{name}>"),
                    false => write!(text, ",\"{name}\":true"),
                };
            }
        };
        let _ = write!(
            xml,
            "  <user>\n    <id type=\"integer\">{id}</id>\n    <username>user-{id}</username>\n    \
             <authentication_method type=\"symbol\">password</authentication_method>\n    \
             <last_login_at type=\"dateTime\">2017-02-03T09:12:44-05:00</last_login_at>\n    <name>Ada &amp; {id}</name>\n    \
             <email>ada-{id}@acme.example</email>\n    <notes></notes>\n    <group_ids>7,8</group_ids>\n"
        );
        flags(&mut xml, true);
        xml.push_str(
            "    <allowed_ips></allowed_ips>\n    <user_root>Staff/ada/</user_root>\n    \
             <time_zone>Eastern Time (US &amp; Canada)</time_zone>\n    <language></language>\n    \
             <ssl_required type=\"symbol\">use_system_setting</ssl_required>\n  </user>\n",
        );
        let comma = if id > 1 { "," } else { "" };
        let _ = write!(
            json,
            "{comma}{{\"id\":{id},\"username\":\"user-{id}\",\"authentication_method\":\"password\",\
             \"last_login_at\":\"2017-02-03T09:12:44-05:00\",\"name\":\"Ada & {id}\",\"email\":\"ada-{id}@acme.example\",\
             \"notes\":\"\",\"group_ids\":\"7,8\""
        );
        flags(&mut json, false);
        json.push_str(
            ",\"allowed_ips\":\"\",\"user_root\":\"Staff/ada/\",\"time_zone\":\"Eastern Time (US & Canada)\",\
             \"language\":\"\",\"ssl_required\":\"use_system_setting\"}",
        );
    }
    xml.push_str("</users>\n");
    json.push(']');
    (xml, json)
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
