#!/bin/sh
# The students' container and the graders' one, as their recipes make them, without a container engine: the steps of
# each Dockerfile are done by hand in a clean root, then a student's first `make grade` and the bundle's grading.
#
#   tests/clean_root.sh bookworm tests/container.sh
#
# To be run in a clean root, as root: it installs, adds accounts and writes to /opt.
set -eu
cd "$(dirname "$0")/.."
here=$PWD

fail() {
    echo "container: $*" >&2
    exit 1
}

# steps DOCKERFILE CONTEXT: does what it says; sets $user to who is to run things in there.
steps() {
    context=$2 user=root
    # one instruction a line
    sed -e '/^#/d' -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' "$1" >/tmp/steps
    while read -r word rest; do
        case $word in
        '') ;;
        FROM) [ "$rest" = "debian:$(cut -d. -f1 /etc/debian_version)-slim" ] || fail "$1 is made from $rest, this is another root" ;;
        RUN) echo "container: RUN $rest" | cut -c1-100; sh -c "$rest" </dev/null >/tmp/step.log 2>&1 || { cat /tmp/step.log; fail "a step of $1"; } ;;
        COPY) # shellcheck disable=SC2086 # two words
            (cd "$context" && cp $rest) ;;
        ADD) tar -C "${rest#* }" -xzf "$context/${rest%% *}" ;;
        USER) user=$rest ;;
        ENTRYPOINT | CMD) echo "$rest" >"/tmp/$word" ;;
        *) fail "$1: this test does not know $word" ;;
        esac
    done </tmp/steps
}

as_user() {
    # shellcheck disable=SC2016
    setpriv --reuid="$user" --regid="$user" --init-groups env HOME="/home/$user" "$@"
}

echo "container: the students'"
grader/setup/handout.sh /tmp/handout owner/name >/dev/null 2>&1
devcontainer=/tmp/handout/.devcontainer
steps "$devcontainer/Dockerfile" /tmp/handout
# What the editor reads: JSON with comments, the paths relative to it, no key that the schema does not have.
sed 's|^ *//.*||' "$devcontainer/devcontainer.json" >/tmp/devcontainer.json
apt-get -q update >/dev/null
apt-get -q -y --no-install-recommends install jq >/dev/null 2>&1
jq -e --arg user "$user" '
    (keys - ["name", "build", "remoteUser", "runArgs", "customizations"] == [])
    and (.name | type == "string") and (.remoteUser == $user)
    and (.build | (keys == ["context", "dockerfile"]) and all(.[]; type == "string"))
    and (.runArgs | all(.[]; type == "string" and startswith("--")))
    and (.customizations | keys == ["vscode"]) and (.customizations.vscode.extensions | all(.[]; test("^[a-z0-9-]+\\.[a-z0-9-]+$")))' \
    /tmp/devcontainer.json >/dev/null || fail "devcontainer.json is not as its schema wants it"
[ -f "$devcontainer/$(jq -r .build.dockerfile /tmp/devcontainer.json)" ] || fail "its Dockerfile is not there"
[ -f "$devcontainer/$(jq -r .build.context /tmp/devcontainer.json)/grader/setup/deps.sh" ] || fail "its context is not the repository"

# A student's first verdict: stubs, which build and earn nothing.
chown -R "$user:" /tmp/handout
began=$(date +%s)
status=0
(cd /tmp/handout && as_user make grade >/tmp/grade.log 2>&1) || status=$?
[ "$status" = 0 ] && grep -q '^assignments: 0 of 100 points' /tmp/grade.log || { cat /tmp/grade.log; fail "no verdict (status $status)"; }
echo "container: a student's first verdict after $(($(date +%s) - began)) s"
(cd /tmp/handout && as_user make doctor) || fail "the doctor found something"

echo "container: the graders'"
make -s dist >/tmp/dist.log 2>&1 || { tail -20 /tmp/dist.log; fail "make dist"; }
steps build/dist/Dockerfile build/dist
[ "$(cat /tmp/ENTRYPOINT)" = '["/opt/grader/bin/grader", "run"]' ] || fail "another entry point: $(cat /tmp/ENTRYPOINT)"
mkdir -p /submission
cp -r "$here/reference/." /submission/
chmod -R a+rX /submission
as_user /opt/grader/bin/grader run -f json /submission >/tmp/report.json || fail "the references, graded by the bundle"
[ "$(jq .score /tmp/report.json)" = 100 ] || fail "the references have $(jq .score /tmp/report.json) points"
echo 'container: all passed'
