#!/bin/sh
# Gradescope runs this once, when it makes the image.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y --no-install-recommends install strace bubblewrap gcc libc6-dev util-linux
