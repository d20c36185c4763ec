//! One address for all instances, and one for all nodes of the storage: whoever does not answer is passed over.

use std::{fs, net::SocketAddr, path::Path};

use anyhow::Result;
use tempfile::TempDir;

use crate::{bench::process::Process, project, tools::garage_cluster::free_addresses};

pub(super) struct Nginx {
    pub(super) url: String,
    pub(super) storage_url: String,
    /// Where the instances are to listen.
    pub(super) instances: Vec<SocketAddr>,
    _process: Process,
    _folder: TempDir,
}

impl Nginx {
    pub(super) fn start(program: &Path, instances: usize, storage: &[String]) -> Result<Self> {
        let folder = tempfile::tempdir_in(project::target())?;
        let mut addresses = free_addresses(2 + instances)?;
        let instances = addresses.split_off(2);
        let [pages, objects] = [addresses[0], addresses[1]];
        let file = folder.path().join("nginx.conf");
        let servers = |all: &[String]| {
            all.iter().map(|one| format!("server {one} max_fails=1 fail_timeout=1s; ")).collect::<String>()
        };
        let backends = servers(&instances.iter().map(SocketAddr::to_string).collect::<Vec<_>>());
        let dir = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {dir}/{kind}; "))
            .concat();
        let text = format!(
            r#"daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; {temporary}
    client_max_body_size 600m; merge_slashes off;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Request-Id $request_id;
    proxy_connect_timeout 2s; proxy_read_timeout 10s;
    # Bodies are held here, small ones in memory: a PUT whose node dies goes to another one whole.
    client_body_buffer_size 2m;
    proxy_next_upstream error timeout http_502 http_503 non_idempotent; proxy_next_upstream_tries 3;
    upstream hasty {{ {backends} keepalive 32; }}
    upstream storage {{ {storage} keepalive 32; }}
    server {{ listen {pages}; location / {{ proxy_pass http://hasty; }} }}
    server {{ listen {objects}; location / {{ proxy_pass http://storage; }} }}
}}
"#,
            storage = servers(storage)
        );
        fs::write(&file, text)?;
        let process = Process::start(program, |nginx| _ = nginx.arg("-p").arg(folder.path()).arg("-c").arg(&file))?;
        let [url, storage_url] = [pages, objects].map(|address| format!("http://{address}"));
        Ok(Self { url, storage_url, instances, _process: process, _folder: folder })
    }
}
