# bash completion for courseweb. Commands and options are asked of the program itself.
_courseweb_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_courseweb_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

# What may stand behind an option; 1: nothing special.
_courseweb_value() {
    case $1 in
    --dir) _courseweb_files -d ;;
    --grader | --tls-cert | --tls-key | --issuer-ca) _courseweb_files -f ;;
    --role) _courseweb_words 'ta instructor' ;;
    --format) _courseweb_words 'csv canvas moodle json text' ;;
    --one-job) _courseweb_words 'yes no' ;;
    --runners) _courseweb_words 'github any' ;;
    --listen | --url | --workers | --sections | --section | --email | --days | --until | --sso-header | --sso-from | --mail-command | \
        --ref | --owner | --owner-id | --prefix | --branch | --audience | --issuer | --site)
        COMPREPLY=() ;;
    *) return 1 ;;
    esac
}

_courseweb_options() {
    "${COMP_WORDS[0]}" "$1" --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u
}

_courseweb() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _courseweb_words "$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  .*/\1/p') --help"
        return
    fi
    _courseweb_value "${COMP_WORDS[COMP_CWORD - 1]}" && return
    if [[ $word == -* ]]; then
        _courseweb_words "$(_courseweb_options "$command") --help"
        return
    fi
    case $command:$COMP_CWORD in
    init:* | serve:*) _courseweb_files -d ;;
    roster:2) _courseweb_words 'import list remove restore github' ;;
    staff:2) _courseweb_words 'add list remove' ;;
    regrade:2) _courseweb_words '--all --errors' ;;
    repo:2) _courseweb_words 'list link unlink' ;;
    set:2) _courseweb_words 'title banner paused pushes_an_hour url disk_mb repo_mb mail_from' ;;
    set:3) [ "${COMP_WORDS[2]}" = paused ] && _courseweb_words '0 1' ;;
    roster:* | backup:* | restore:*) _courseweb_files -f ;;
    esac
}
complete -F _courseweb courseweb
