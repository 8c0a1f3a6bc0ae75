#!/bin/sh
# Names with control characters, commands of workflows, HTML, spreadsheets' formulas.
esc=$(printf '\033')
bad='int f(void) { return undeclared; }'
echo "$bad" >'::error file=x::FORGED.c'
echo "$bad" >'<script>alert(1)<|script>.c'
echo "$bad" >'=cmd()|calc.c'
echo "$bad" >"${esc}[31mFORGED.c"
echo "$bad" >"$(printf 'a\n::error::FORGED\nFORGED.c')"
echo "$bad" >"$(printf 'b\r\n##[error]FORGED.c')"
echo "$bad" >"$(printf '\377\376bad.c')"
echo "$bad" >"$(printf '\342\200\256backwards.c')"
echo "$bad" >'-o.c'
echo "$bad" >'-fplugin=x.c'
echo "$bad" >'@args.c'
echo "$bad" >'a b;rm -rf ~;$(id)`id`.c'
