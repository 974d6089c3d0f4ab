# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_wbimg_global_optspecs
    string join \n h/help V/version
end

function __fish_wbimg_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_wbimg_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_wbimg_using_subcommand
    set -l cmd (__fish_wbimg_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c wbimg -n "__fish_wbimg_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wbimg -n "__fish_wbimg_needs_command" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "convert" -d 'Turn arrays and image files into encoded images and W&B media JSON'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "inspect" -d 'Say what convert would do with each input, and why; write nothing'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "gallery" -d 'Make a page out of an output directory, to look at its pictures'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "man" -d 'Print the manual page'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "verify" -d 'Re-hash and decode everything that an output directory refers to'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "wandb-run" -d 'Write a W&B offline run from an output directory, for `wandb sync`'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c wbimg -n "__fish_wbimg_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l files0-from -d 'Read NUL-separated input names from FILE; `-` for standard input' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -s o -l out -d 'Output directory, made if missing; `-` writes the one image to stdout' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l shard -d 'Take every N-th input, starting at I (from 1): N processes share a list' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l key -d 'W&B key that all inputs are logged under. {stem}, {name}, {parent} and {ext} make one per input. Default: the input\'s stem' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l step -d 'W&B step' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l caption -d 'Caption; without TEXT, the input\'s stem. {stem}, {name}, {index}, {step} and {key} are filled in; {{ and }} are literal braces' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l grouping -d 'Grouping number' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l mode -d 'Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr or RGBX. Default: guessed from the channels' -r -f -a "1\t''
L\t''
LA\t''
P\t''
RGB\t''
RGBA\t''
I;16\t''
CMYK\t''
YCbCr\t''
RGBX\t''
I;16B\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l file-type -d 'Encoding for arrays [default: png]. Image files keep their bytes' -r -f -a "png\t''
jpg\t''
jpeg\t''
bmp\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l range -d 'Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose among the usual three branches once for all frames of an input' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l layout -d 'Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw' -r -f -a "auto\t''
hw\t''
hwc\t''
chw\t''
nhw\t''
nhwc\t''
nchw\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l frames -d 'Take these frames of a batch only: N, A:B or A:B:S, as Python slices' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l select -d 'Take the named arrays of a container that match only, such as \'x.*\'' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l colormap -d 'Color arrays of one channel: viridis, magma, inferno, turbo or gray' -r -f -a "viridis\t''
magma\t''
inferno\t''
turbo\t''
gray\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l quality -d 'JPEG quality, 1 to 100 [default: 75]' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l compress -d 'PNG effort: the picture is the same, size and time differ [default: balanced]' -r -f -a "fast\t''
balanced\t''
small\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l max-pixels -d 'Refuse pictures of more pixels' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l max-memory -d 'Refuse pictures that need more memory: bytes, or with K, M, G' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l boxes -d 'JSON for the `boxes` argument of wandb.Image, for every input' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l masks -d 'JSON for the `masks` argument of wandb.Image, for every input' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l classes -d 'JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"]' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l labels -d 'Labels as COCO (instances.json; then also a list of detections) or YOLO (a folder of STEM.txt) write them. Content decides' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l sidecar -d 'One JSON file with any of caption, grouping, classes, boxes, masks, mode, file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the input, if it is one' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l media-root -d 'Also read mask files below DIR that a JSON file names' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l overlay -d 'Draw boxes and masks into a second picture, where there are any' -r -f -a "auto\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l min-score -d 'Leave out boxes whose score NAME is below X; may be given several times' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l only-class -d 'Draw this class only, by id or name; may be given several times' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l hide-class -d 'Do not draw this class; may be given several times' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l mask-alpha -d 'How opaque masks are, 0 to 1 [default: 0.6]' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l line-width -d 'Width of box lines in pixels [default: scaled with the picture]' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l palette -d 'Colors of classes: wandb, okabe-ito, or a file of #rrggbb colors' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -s j -l jobs -d 'Worker threads. Default: all cores' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l allow -d 'Be silent about warnings of this code; may be given several times' -r -f -a "near-black\t''
washed-out\t''
flat\t''
clipped\t''
nan\t''
inf\t''
imaginary-dropped\t''
alpha-dropped\t''
layout-guessed\t''
size-mismatch\t''
box-outside\t''
box-inverted\t''
unknown-domain\t''
mask-size\t''
unlabelled-id\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l progress -d 'A progress bar; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l color -d 'Color in messages' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l reencode -d 'Decode image files, and encode them again under --mode and --file-type'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l no-normalize -d 'Do not rescale: clip values to 0..255 and truncate'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l bgr -d 'The channels are blue, green, red, as OpenCV has them'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l no-sidecar -d 'Do not look for sidecars'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l strict -d 'Exit with 1 if there was any warning'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l sync -d 'Have everything on the disk before it is recorded, so that not even a power failure leaves a row without its files'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l fail-fast -d 'Stop at the first failure instead of going on with the others'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -l json -d 'Print a manifest row per image instead of its path'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -s q -l quiet -d 'Print errors only'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -s v -l verbose -d 'Say what was decided for each image'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -s h -l help -d 'Print help'
complete -c wbimg -n "__fish_wbimg_using_subcommand convert" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l files0-from -d 'Read NUL-separated input names from FILE; `-` for standard input' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l mode -d 'Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr or RGBX. Default: guessed from the channels' -r -f -a "1\t''
L\t''
LA\t''
P\t''
RGB\t''
RGBA\t''
I;16\t''
CMYK\t''
YCbCr\t''
RGBX\t''
I;16B\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l file-type -d 'Encoding for arrays [default: png]. Image files keep their bytes' -r -f -a "png\t''
jpg\t''
jpeg\t''
bmp\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l range -d 'Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose among the usual three branches once for all frames of an input' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l layout -d 'Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw' -r -f -a "auto\t''
hw\t''
hwc\t''
chw\t''
nhw\t''
nhwc\t''
nchw\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l frames -d 'Take these frames of a batch only: N, A:B or A:B:S, as Python slices' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l select -d 'Take the named arrays of a container that match only, such as \'x.*\'' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l colormap -d 'Color arrays of one channel: viridis, magma, inferno, turbo or gray' -r -f -a "viridis\t''
magma\t''
inferno\t''
turbo\t''
gray\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l quality -d 'JPEG quality, 1 to 100 [default: 75]' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l compress -d 'PNG effort: the picture is the same, size and time differ [default: balanced]' -r -f -a "fast\t''
balanced\t''
small\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l max-pixels -d 'Refuse pictures of more pixels' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l max-memory -d 'Refuse pictures that need more memory: bytes, or with K, M, G' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l boxes -d 'JSON for the `boxes` argument of wandb.Image, for every input' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l masks -d 'JSON for the `masks` argument of wandb.Image, for every input' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l classes -d 'JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"]' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l labels -d 'Labels as COCO (instances.json; then also a list of detections) or YOLO (a folder of STEM.txt) write them. Content decides' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l sidecar -d 'One JSON file with any of caption, grouping, classes, boxes, masks, mode, file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the input, if it is one' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l media-root -d 'Also read mask files below DIR that a JSON file names' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l json -d 'Print a JSON object per picture'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l preview -d 'Show a small picture, in colored half-blocks where the terminal shows nothing better'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l reencode -d 'Decode image files, and encode them again under --mode and --file-type'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l no-normalize -d 'Do not rescale: clip values to 0..255 and truncate'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l bgr -d 'The channels are blue, green, red, as OpenCV has them'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -l no-sidecar -d 'Do not look for sidecars'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c wbimg -n "__fish_wbimg_using_subcommand inspect" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -l title -d 'Title of the page. Default: the directory\'s name' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -s j -l jobs -d 'Worker threads. Default: all cores' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -l progress -d 'A progress bar; auto: on a terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -l color -d 'Color in messages' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -l embed -d 'Put the pictures into the page, which then needs no other file'
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -s q -l quiet -d 'Print errors only'
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -s v -l verbose -d 'Say what is on the page'
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wbimg -n "__fish_wbimg_using_subcommand gallery" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wbimg -n "__fish_wbimg_using_subcommand man" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand verify" -s j -l jobs -d 'Worker threads. Default: all cores' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand verify" -l color -d 'Color in messages' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand verify" -s q -l quiet -d 'Print differences only'
complete -c wbimg -n "__fish_wbimg_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wbimg -n "__fish_wbimg_using_subcommand verify" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -s p -l project -d 'W&B project that the run goes to. Default: what `wandb sync` is told' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -s e -l entity -d 'User or team that the project belongs to. Default: who uploads it' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -l name -d 'What the run is called in tables and charts' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -l run-id -d 'Id of the run. Default: one that stays the same for DIR' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -l tag -d 'Tag of the run; may be given several times' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -l notes -d 'Text beside the run' -r
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -l dir -d 'Directory of runs, made if missing' -r -F
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -l color -d 'Color in messages' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -s q -l quiet -d 'Print errors and the path only'
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -s h -l help -d 'Print help'
complete -c wbimg -n "__fish_wbimg_using_subcommand wandb-run" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wbimg -n "__fish_wbimg_using_subcommand completions" -s V -l version -d 'Print version'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "convert" -d 'Turn arrays and image files into encoded images and W&B media JSON'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "inspect" -d 'Say what convert would do with each input, and why; write nothing'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "gallery" -d 'Make a page out of an output directory, to look at its pictures'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "man" -d 'Print the manual page'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "verify" -d 'Re-hash and decode everything that an output directory refers to'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "wandb-run" -d 'Write a W&B offline run from an output directory, for `wandb sync`'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c wbimg -n "__fish_wbimg_using_subcommand help; and not __fish_seen_subcommand_from convert inspect gallery man verify wandb-run completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
