#!/bin/sh
# TLS: by courseweb itself (wrong files, cookie, renewal, a push, live events), and by the
# nginx of the example configuration before it.
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course
stand_in
PATH=$PATH:/usr/sbin
nginx=

pair() { # pair NAME: a certificate of its own authority
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -addext 'subjectAltName=IP:127.0.0.1,DNS:course.example.org' -keyout "$scratch/$1.key" -out "$scratch/$1.pem" 2>/dev/null
}

printf 'identifier,github_username,github_id,name\nada,ada,1,Ada\n' >"$scratch/roster.csv"
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
ada=$("$web" token ada --dir "$course")
git init -q -b main "$scratch/ada"
pair one
pair two

# pushes_live URL CA: the first `remote:` line is there while the grader still grades, and
# so is an event
pushes_live() {
    touch "$scratch/hold"
    commit "$scratch/ada" push
    : >"$scratch/events"
    : >"$scratch/push"
    curl -s --cacert "$2" -c "$scratch/jar" -d "name=ada&token=$ada" "$1/signin" -o "$scratch/body"
    curl -sN --cacert "$2" -b "$scratch/jar" "$1/events" >"$scratch/events" &
    events=$!
    others="$nginx $events"
    until_true "no event stream" grep -q 'here we are' "$scratch/events"
    GIT_SSL_CAINFO=$2 git -C "$scratch/ada" push -q "$(remote ada "$ada" "$1")" main 2>"$scratch/push" &
    pusher=$!
    others="$others $pusher"
    in_time grep -q '^remote: ' "$scratch/push" || fail "no live remote: line through $1: $(cat "$scratch/push" "$scratch/events")"
    until_true "no live event through $1" grep -q '"state":"running"' "$scratch/events"
    kill -0 "$pusher" 2>/dev/null || fail "the push ended before its grading"
    rm "$scratch/hold"
    wait "$pusher" || fail "the push failed: $(cat "$scratch/push")"
    grep -q 'remote: See https://' "$scratch/push" || fail "no address: $(cat "$scratch/push")"
    kill "$events"
    others=$nginx
}

# --- files that are not right: a message that says which, and nothing served ---

refused() { # refused WORDS CERT KEY
    if "$web" serve "$course" --listen 127.0.0.1:0 --tls-cert "$2" --tls-key "$3" >/dev/null 2>"$scratch/said"; then
        fail "served with $2 $3"
    fi
    grep -q "$1" "$scratch/said" || fail "no \"$1\": $(cat "$scratch/said")"
}
openssl pkey -in "$scratch/one.key" -aes128 -passout pass:x -out "$scratch/locked.key"
refused 'No such file' "$scratch/none.pem" "$scratch/one.key"
refused 'not that of the first certificate' "$scratch/one.pem" "$scratch/two.key"
refused 'wrong way round' "$scratch/one.key" "$scratch/one.pem"
refused 'no certificate' "$scratch/grader" "$scratch/one.key"
refused 'no private key' "$scratch/one.pem" "$scratch/grader"
refused 'has a password' "$scratch/one.pem" "$scratch/locked.key"
refused 'not a file' "$scratch" "$scratch/one.key"

# --- by courseweb itself ---

cp "$scratch/one.pem" "$scratch/now.pem"
cp "$scratch/one.key" "$scratch/now.key"
start --tls-cert "$scratch/now.pem" --tls-key "$scratch/now.key"
case $url in https://*) ;; *) fail "the address is $url" ;; esac
curl -s --cacert "$scratch/one.pem" -D "$scratch/headers" -d "name=ada&token=$ada" "$url/signin" -o "$scratch/body"
grep -qi '^set-cookie:.*; Secure' "$scratch/headers" || fail "the cookie is not Secure"
! grep -qi '^strict-transport' "$scratch/headers" || fail "HSTS for a bare number"
! curl -s --cacert "$scratch/one.pem" --tls-max 1.1 "$url/healthz" >/dev/null || fail "TLS 1.1 is spoken"
pushes_live "$url" "$scratch/one.pem"

shows() { curl -s --cacert "$scratch/$1.pem" "$url/healthz" >/dev/null; }
half_renewed() { shows one; grep -q "the certificate before goes on" "$scratch/err"; }
cp "$scratch/two.pem" "$scratch/now.pem"
until_true "half a renewal is not said" half_renewed
shows one || fail "half a renewal ended the old certificate"
cp "$scratch/two.key" "$scratch/now.key"
until_true "the renewed certificate is not shown" shows two
! shows one || fail "the old certificate is still shown"
stop

# --- behind nginx, by the example of the documentation ---

start --url https://course.example.org --secure --trust-proxy
behind=$(sed -n 's/.*listening on //p' "$scratch/out")
i=0
until [ -n "$nginx" ]; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
    {
        [ "$(id -u)" != 0 ] || echo 'user root;'
        printf 'daemon off;\npid %s/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n' "$scratch"
        for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $scratch/nginx-$kind;"; done
        # Plain HTTP at a port that is not looked at, and no IPv6, which a machine may not have.
        sed -e "s|listen 443|listen 127.0.0.1:$port|" -e "s|listen 80;|listen unix:$scratch/plain.sock;|" \
            -e '/listen \[::\]/d' -e "s|http://127.0.0.1:8080|$behind|" \
            -e "s|/etc/.*fullchain.pem|$scratch/one.pem|" -e "s|/etc/.*privkey.pem|$scratch/one.key|" web/setup/nginx.conf
        echo '}'
    } >"$scratch/nginx.conf"
    nginx -e stderr -c "$scratch/nginx.conf" 2>>"$scratch/err" &
    nginx=$!
    others=$nginx
    until curl -s --cacert "$scratch/one.pem" "https://127.0.0.1:$port/healthz" -o "$scratch/body"; do
        kill -0 "$nginx" 2>/dev/null || { nginx=; others=; break; }
        sleep 0.05
    done
    i=$((i + 1))
    [ $i -lt 10 ] || fail "nginx does not start with the example"
done
front=https://127.0.0.1:$port
head -c 3000000 /dev/zero >"$scratch/large"
got=$(curl -s -o "$scratch/body" -w '%{http_code}' --cacert "$scratch/one.pem" --data-binary "@$scratch/large" "$front/git/ada.git/git-receive-pack")
[ "$got" = 401 ] || fail "3 MB through nginx: $got"
curl -s --cacert "$scratch/one.pem" -D "$scratch/headers" "$front/healthz" -o "$scratch/body"
grep -qi '^strict-transport-security: max-age=' "$scratch/headers" || fail "no HSTS by name"
pushes_live "$front" "$scratch/one.pem"
kill "$nginx"
wait "$nginx" || :
others=
stop
echo "web_tls: all passed"
