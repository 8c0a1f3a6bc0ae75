#!/bin/sh
# The exercise's folder is a link to /proc/self.
cd .. && rm -rf ex1_nonblocking
ln -s /proc/self ex1_nonblocking
