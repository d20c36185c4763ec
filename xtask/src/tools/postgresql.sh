# One throwaway PostgreSQL cluster: `sh postgresql.sh BIN_FOLDER PORT`.
# It lives until standard input closes, which the kernel sees to however the starter ends, and leaves nothing behind.
set -eu
bin=$1 port=$2
folder=$(mktemp -d)
trap '"$bin/pg_ctl" stop -s -m immediate -D "$folder/data" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
{
    # Its own root: clients that verify take server.crt for one.
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
        -addext basicConstraints=critical,CA:FALSE \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$folder/server.key" -out "$folder/server.crt" &&
        "$bin/initdb" -D "$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync &&
        "$bin/pg_ctl" start -s -w -t 60 -D "$folder/data" -l "$folder/server.log" -o "-p $port \
            -c ssl=on -c ssl_cert_file=$folder/server.crt -c ssl_key_file=$folder/server.key \
            -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=500 \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
} >"$folder/start.log" 2>&1 || {
    cat "$folder/start.log" "$folder/server.log" 2>/dev/null >&2 || true
    exit 1
}
echo ready
cat >/dev/null
