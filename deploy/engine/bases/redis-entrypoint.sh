#!/bin/sh
# As the one of the public image, for a container that does not run as root.
set -e
exec "$@"
