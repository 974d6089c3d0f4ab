
use builtin;
use str;

set edit:completion:arg-completer[wbimg] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'wbimg'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'wbimg'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand convert 'Turn arrays and image files into encoded images and W&B media JSON'
            cand inspect 'Say what convert would do with each input, and why; write nothing'
            cand gallery 'Make a page out of an output directory, to look at its pictures'
            cand man 'Print the manual page'
            cand verify 'Re-hash and decode everything that an output directory refers to'
            cand wandb-run 'Write a W&B offline run from an output directory, for `wandb sync`'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'wbimg;convert'= {
            cand --files0-from 'Read NUL-separated input names from FILE; `-` for standard input'
            cand -o 'Output directory, made if missing; `-` writes the one image to stdout'
            cand --out 'Output directory, made if missing; `-` writes the one image to stdout'
            cand --shard 'Take every N-th input, starting at I (from 1): N processes share a list'
            cand --key 'W&B key that all inputs are logged under. {stem}, {name}, {parent} and {ext} make one per input. Default: the input''s stem'
            cand --step 'W&B step'
            cand --caption 'Caption; without TEXT, the input''s stem. {stem}, {name}, {index}, {step} and {key} are filled in; {{ and }} are literal braces'
            cand --grouping 'Grouping number'
            cand --mode 'Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr or RGBX. Default: guessed from the channels'
            cand --file-type 'Encoding for arrays [default: png]. Image files keep their bytes'
            cand --range 'Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose among the usual three branches once for all frames of an input'
            cand --layout 'Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw'
            cand --frames 'Take these frames of a batch only: N, A:B or A:B:S, as Python slices'
            cand --select 'Take the named arrays of a container that match only, such as ''x.*'''
            cand --colormap 'Color arrays of one channel: viridis, magma, inferno, turbo or gray'
            cand --quality 'JPEG quality, 1 to 100 [default: 75]'
            cand --compress 'PNG effort: the picture is the same, size and time differ [default: balanced]'
            cand --max-pixels 'Refuse pictures of more pixels'
            cand --max-memory 'Refuse pictures that need more memory: bytes, or with K, M, G'
            cand --boxes 'JSON for the `boxes` argument of wandb.Image, for every input'
            cand --masks 'JSON for the `masks` argument of wandb.Image, for every input'
            cand --classes 'JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"]'
            cand --labels 'Labels as COCO (instances.json; then also a list of detections) or YOLO (a folder of STEM.txt) write them. Content decides'
            cand --sidecar 'One JSON file with any of caption, grouping, classes, boxes, masks, mode, file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the input, if it is one'
            cand --media-root 'Also read mask files below DIR that a JSON file names'
            cand --overlay 'Draw boxes and masks into a second picture, where there are any'
            cand --min-score 'Leave out boxes whose score NAME is below X; may be given several times'
            cand --only-class 'Draw this class only, by id or name; may be given several times'
            cand --hide-class 'Do not draw this class; may be given several times'
            cand --mask-alpha 'How opaque masks are, 0 to 1 [default: 0.6]'
            cand --line-width 'Width of box lines in pixels [default: scaled with the picture]'
            cand --palette 'Colors of classes: wandb, okabe-ito, or a file of #rrggbb colors'
            cand -j 'Worker threads. Default: all cores'
            cand --jobs 'Worker threads. Default: all cores'
            cand --allow 'Be silent about warnings of this code; may be given several times'
            cand --progress 'A progress bar; auto: on a terminal'
            cand --color 'Color in messages'
            cand --reencode 'Decode image files, and encode them again under --mode and --file-type'
            cand --no-normalize 'Do not rescale: clip values to 0..255 and truncate'
            cand --bgr 'The channels are blue, green, red, as OpenCV has them'
            cand --no-sidecar 'Do not look for sidecars'
            cand --strict 'Exit with 1 if there was any warning'
            cand --sync 'Have everything on the disk before it is recorded, so that not even a power failure leaves a row without its files'
            cand --fail-fast 'Stop at the first failure instead of going on with the others'
            cand --json 'Print a manifest row per image instead of its path'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say what was decided for each image'
            cand --verbose 'Say what was decided for each image'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;inspect'= {
            cand --files0-from 'Read NUL-separated input names from FILE; `-` for standard input'
            cand --mode 'Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr or RGBX. Default: guessed from the channels'
            cand --file-type 'Encoding for arrays [default: png]. Image files keep their bytes'
            cand --range 'Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose among the usual three branches once for all frames of an input'
            cand --layout 'Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw'
            cand --frames 'Take these frames of a batch only: N, A:B or A:B:S, as Python slices'
            cand --select 'Take the named arrays of a container that match only, such as ''x.*'''
            cand --colormap 'Color arrays of one channel: viridis, magma, inferno, turbo or gray'
            cand --quality 'JPEG quality, 1 to 100 [default: 75]'
            cand --compress 'PNG effort: the picture is the same, size and time differ [default: balanced]'
            cand --max-pixels 'Refuse pictures of more pixels'
            cand --max-memory 'Refuse pictures that need more memory: bytes, or with K, M, G'
            cand --boxes 'JSON for the `boxes` argument of wandb.Image, for every input'
            cand --masks 'JSON for the `masks` argument of wandb.Image, for every input'
            cand --classes 'JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"]'
            cand --labels 'Labels as COCO (instances.json; then also a list of detections) or YOLO (a folder of STEM.txt) write them. Content decides'
            cand --sidecar 'One JSON file with any of caption, grouping, classes, boxes, masks, mode, file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the input, if it is one'
            cand --media-root 'Also read mask files below DIR that a JSON file names'
            cand --json 'Print a JSON object per picture'
            cand --preview 'Show a small picture, in colored half-blocks where the terminal shows nothing better'
            cand --reencode 'Decode image files, and encode them again under --mode and --file-type'
            cand --no-normalize 'Do not rescale: clip values to 0..255 and truncate'
            cand --bgr 'The channels are blue, green, red, as OpenCV has them'
            cand --no-sidecar 'Do not look for sidecars'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;gallery'= {
            cand --title 'Title of the page. Default: the directory''s name'
            cand -j 'Worker threads. Default: all cores'
            cand --jobs 'Worker threads. Default: all cores'
            cand --progress 'A progress bar; auto: on a terminal'
            cand --color 'Color in messages'
            cand --embed 'Put the pictures into the page, which then needs no other file'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say what is on the page'
            cand --verbose 'Say what is on the page'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;man'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;verify'= {
            cand -j 'Worker threads. Default: all cores'
            cand --jobs 'Worker threads. Default: all cores'
            cand --color 'Color in messages'
            cand -q 'Print differences only'
            cand --quiet 'Print differences only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;wandb-run'= {
            cand -p 'W&B project that the run goes to. Default: what `wandb sync` is told'
            cand --project 'W&B project that the run goes to. Default: what `wandb sync` is told'
            cand -e 'User or team that the project belongs to. Default: who uploads it'
            cand --entity 'User or team that the project belongs to. Default: who uploads it'
            cand --name 'What the run is called in tables and charts'
            cand --run-id 'Id of the run. Default: one that stays the same for DIR'
            cand --tag 'Tag of the run; may be given several times'
            cand --notes 'Text beside the run'
            cand --dir 'Directory of runs, made if missing'
            cand --color 'Color in messages'
            cand -q 'Print errors and the path only'
            cand --quiet 'Print errors and the path only'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'wbimg;help'= {
            cand convert 'Turn arrays and image files into encoded images and W&B media JSON'
            cand inspect 'Say what convert would do with each input, and why; write nothing'
            cand gallery 'Make a page out of an output directory, to look at its pictures'
            cand man 'Print the manual page'
            cand verify 'Re-hash and decode everything that an output directory refers to'
            cand wandb-run 'Write a W&B offline run from an output directory, for `wandb sync`'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'wbimg;help;convert'= {
        }
        &'wbimg;help;inspect'= {
        }
        &'wbimg;help;gallery'= {
        }
        &'wbimg;help;man'= {
        }
        &'wbimg;help;verify'= {
        }
        &'wbimg;help;wandb-run'= {
        }
        &'wbimg;help;completions'= {
        }
        &'wbimg;help;help'= {
        }
    ]
    $completions[$command]
}
