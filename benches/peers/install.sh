# Sourced by `run` and `check`, with `root` set: the peers in a virtual environment below target/peers, and wbimg built.
# Sets `peers`, `python`, `zlib_ng` (a folder for LD_LIBRARY_PATH) and `built`.

peers="$root/target/peers"
python="$peers/venv/bin/python"
zlib_ng="$peers/zlib-ng/lib"
built="${CARGO_TARGET_DIR:-$root/target}/release"
mkdir -p "$peers"

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
    $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

packages=('wandb==0.28.2' 'numpy>=2.4,<2.5' 'pillow>=13,<14' opencv-python-headless 'pyvips[binary]' scikit-image
    scikit-learn matplotlib cmake ninja)
if ! "$python" -c 'import wandb, numpy, PIL, cv2, pyvips, skimage, sklearn, matplotlib' 2>/dev/null; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || need /nowhere python3-venv
    rm -rf "$peers/venv"
    python3 -m venv "$peers/venv"
    "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
fi

# Pillow's wheel compresses with the system's libz.so.1: zlib 1.2.13 on Debian 12, zlib-ng on Fedora. This is how users
# of the latter fare: zlib-ng under the name and the functions of zlib, found first.
if [ ! -e "$zlib_ng/libz.so.1" ]; then
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
    (
        cd "$peers/zlib-ng"
        export PATH="$peers/venv/bin:$PATH" CMAKE_GENERATOR=Ninja
        cargo build --quiet --release --target-dir target
        cc -shared -o "$zlib_ng/libz.so.1" -Wl,-soname,libz.so.1 \
            -Wl,--whole-archive target/release/build/libz-sys-*/out/lib/libz.a -Wl,--no-whole-archive
    )
fi

(cd "$root" && cargo build --quiet --locked --release --bin wbimg --example peer)
