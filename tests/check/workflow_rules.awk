# Our rules for workflows, held against one file: prints "FILE:LINE: RULE: why" for each breach.
# A small reader of the YAML that we write: blocks by indentation (jobs 2, their keys 4, steps 6).
#
#   pinned       an action is named by the SHA of a commit, with its version beside it
#   shell        nothing is put into a shell by ${{ }}: it goes there through env
#   permissions  they are stated, for the whole file and for each job that is in a grading workflow
#   write        nothing may be written but the identity token
#   token        the job that can get an identity token takes no file of the student's and runs no
#                grader, unless the file states its weaker promise
#   report       ... and only works for pushes, and not for forks
#   credentials  what is checked out leaves no token on the disk
#   secret       no secret is named or handed on
#   trigger      no event that runs with the rights of the repository for others' code
#   artefact     results go on as outputs: an artefact could be anybody's file
#   input        a called workflow takes no input: the student's file would give it
#   timeout      every job ends by itself
function breach(rule, why, at) { printf "%s:%d: %s: %s\n", FILENAME, at ? at : FNR, rule, why }

# By hand, for not every awk counts in patterns.
function by_commit(name) {
    if (name !~ /@[0-9a-f]+ # v[0-9]/) return 0
    sub(/.*@/, "", name); sub(/ .*/, "", name)
    return length(name) == 40
}

function end_job() {
    if (job == "") return
    if (!calls && !timeout) breach("timeout", "job " job " has no timeout-minutes", job_line)
    if (called && !job_permissions) breach("permissions", "job " job " states none", job_line)
    if (token && !calls && (checkout || grades) && !weaker)
        breach("token", "job " job " handles the student's code", job_line)
    if (token && !calls && !(conditions ~ /event_name == 'push'/ && conditions ~ /!github\.event\.repository\.fork/))
        breach("report", "job " job " would report more than pushes to the student's own repository", job_line)
    if (checkout && !persist) breach("credentials", "job " job " keeps them (persist-credentials: false)", job_line)
    job = ""
}

{ line = $0; match(line, /^ */); indent = RLENGTH; bare = substr(line, indent + 1) }

# A block of text (run: |) goes on as long as it is deeper than its key.
block != "" && bare != "" && indent <= block_indent { block = "" }
block == "run" && /\$\{\{/ { breach("shell", "${{ }} in a run step") }
block == "run" && /bin\/grader" / && !/bin\/grader" upload / { grades = 1 }
block == "if" { conditions = conditions " " bare }
block != "" { next }

/^#.*Weaker promise:/ { weaker = 1 }
bare == "" || bare ~ /^#/ { next }

indent == 0 { section = bare; sub(/:.*/, "", section) }
indent == 0 && section == "permissions" { stated = 1 }
section == "on" && /workflow_call/ { called = 1 }
section == "on" && /pull_request_target|workflow_run|issue_comment/ { breach("trigger", "others' code with this repository's rights") }
section == "on" && /^ *inputs:/ { breach("input", "it would come from the student's file") }
section == "on" && /^ *secrets:/ { breach("secret", "asked for") }

section == "jobs" && indent == 2 {
    end_job()
    job = bare; sub(/:.*/, "", job); job_line = FNR
    timeout = job_permissions = token = checkout = grades = persist = calls = 0; conditions = ""
}
indent == 4 && /timeout-minutes:/ { timeout = 1 }
indent == 4 && /permissions:/ { job_permissions = 1 }
indent == 4 && /uses:/ { calls = 1 }
/id-token: *write/ { token = 1 }
/: *write(-all)? *$/ && !/id-token:/ { breach("write", bare) }
/persist-credentials: *false/ { persist = 1 }
/secrets\.|secrets: *inherit|github\.token/ { breach("secret", bare) }
/upload-artifact|download-artifact/ { breach("artefact", bare) }

bare ~ /^(- )?uses:/ {
    if (bare ~ /actions\/checkout/) checkout = 1
    if (bare !~ /\.github\/workflows\// && !by_commit(bare)) breach("pinned", bare)
}
bare ~ /^(- )?(run|if): *[|>]/ {
    block = bare ~ /run:/ ? "run" : "if"; block_indent = indent + (bare ~ /^- / ? 2 : 0); next
}
bare ~ /^(- )?if:/ { conditions = conditions " " bare }
bare ~ /^(- )?run:/ && /\$\{\{/ { breach("shell", "${{ }} in a run step") }

END {
    end_job()
    if (!stated) breach("permissions", "the file states none", 1)
}
