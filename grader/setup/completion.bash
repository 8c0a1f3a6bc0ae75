# bash completion for grader. Exercises, checks, scenarios and formats are asked of the program itself.
_grader_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_grader_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_grader_exercises() {
    "${COMP_WORDS[0]}" list 2>/dev/null | sed -n 's/^\(ex[0-9]*_[a-z_]*\).*/\1/p'
}

_grader_checks() {
    "${COMP_WORDS[0]}" list --format json 2>/dev/null | sed -n 's/.*"id": "\([a-z0-9-]*\)".*/\1/p' | sort -u
}

# What may stand behind an option; 1: nothing special.
_grader_value() {
    case $1 in
    -e | --exercise) _grader_words "$(_grader_exercises)" ;;
    -f | --format)
        case ${COMP_WORDS[1]} in
        scores) _grader_words 'text csv json canvas moodle' ;;
        list) _grader_words 'text json' ;;
        *) _grader_words 'text json github gradescope junit tap' ;;
        esac ;;
    -o | --output | --db | --course) _grader_files -f ;;
    --trace-dir) _grader_files -d ;;
    -j | --jobs | --student | --server) COMPREPLY=() ;;
    *) return 1 ;;
    esac
}

_grader() {
    local word=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _grader_words 'run trace watch list explain peer scores upload doctor --help --version'
        return
    fi
    _grader_value "${COMP_WORDS[COMP_CWORD - 1]}" && return
    case ${COMP_WORDS[1]}:$word in
    run:-*) _grader_words '--exercise --format --output --own --course --db --student --trace-dir --jobs --live --help' ;;
    trace:-*) _grader_words '--exercise --ascii --own --output --help' ;;
    watch:-*) _grader_words '--exercise --own --help' ;;
    scores:-*) _grader_words '--db --format --output --course --until --help' ;;
    list:-*) _grader_words '--format --help' ;;
    upload:-*) _grader_words '--server --pushed --check --help' ;;
    *:-*) _grader_words '--help' ;;
    run:* | trace:* | watch:*) _grader_files -d ;;
    explain:*) _grader_words "$(_grader_checks)" ;;
    peer:* | upload:*) _grader_files -f ;;
    esac
}
complete -F _grader grader
