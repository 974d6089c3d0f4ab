# Sourced by `run` and `check`: the peers in two virtual environments below target/peers, and wbimg built. Sets `peers`,
# `classic`, `ng` (interpreters).

peers="$root/target/peers"
classic="$peers/classic/bin/python"
ng="$peers/ng/bin/python"
mkdir -p "$peers"

# Debian packages, for those of the commands that are missing.
need() {
    local missing=()
    while [ $# -gt 1 ]; do
        [ -e "$1" ] || command -v "$1" >/dev/null || missing+=("$2")
        shift 2
    done
    if [ ${#missing[@]} -gt 0 ]; then
        local as_root=""
        if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi
        $as_root apt-get update -qq
        $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}"
    fi
}

python3 -c 'import ensurepip, venv' 2>/dev/null || need /nowhere python3-venv

# A virtual environment with these packages, made again when the list changes.
environment() {
    local folder="$1" probe="$2"
    shift 2
    if [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ] || ! "$folder/bin/python" -c "$probe" 2>/dev/null; then
        rm -rf "$folder"
        python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
        echo "$*" >"$folder/packages"
    fi
}

reference=('wandb==0.28.2' 'numpy>=2.4,<2.5' 'pillow>=13,<14')

# Pillow's wheel has zlib-ng in it, which is 3 to 4 times as fast as zlib.
environment "$peers/ng" 'import wandb, numpy, PIL, cv2, pyvips, skimage, sklearn, matplotlib' \
    "${reference[@]}" opencv-python-headless 'pyvips[binary]' scikit-image scikit-learn matplotlib

# Built here, Pillow uses Debian's zlib: what distributions' own Pillow packages do.
need gcc gcc /usr/include/zlib.h zlib1g-dev /usr/include/jpeglib.h libjpeg62-turbo-dev
python3 -c 'import sysconfig, pathlib, sys; sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists())' ||
    need /nowhere python3-dev
environment "$peers/classic" 'import wandb, numpy, PIL' --no-binary=pillow "${reference[@]}"

cargo="${CARGO:-cargo}"
(cd "$root" && "$cargo" build --quiet --locked --release --bin wbimg --example peer)
built="${CARGO_TARGET_DIR:-$root/target}/release"
