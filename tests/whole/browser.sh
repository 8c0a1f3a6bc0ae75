#!/bin/sh
# The pages in a real browser (tests/browser); screenshots stay in BUILD/browser/shots.
exec sh "$(dirname "$0")/../browser/run.sh"
