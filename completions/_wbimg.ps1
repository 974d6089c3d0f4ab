
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'wbimg' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'wbimg'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'wbimg' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn arrays and image files into encoded images and W&B media JSON')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Say what convert would do with each input, and why; write nothing')
            [CompletionResult]::new('gallery', 'gallery', [CompletionResultType]::ParameterValue, 'Make a page out of an output directory, to look at its pictures')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Re-hash and decode everything that an output directory refers to')
            [CompletionResult]::new('wandb-run', 'wandb-run', [CompletionResultType]::ParameterValue, 'Write a W&B offline run from an output directory, for `wandb sync`')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wbimg;convert' {
            [CompletionResult]::new('--files0-from', '--files0-from', [CompletionResultType]::ParameterName, 'Read NUL-separated input names from FILE; `-` for standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output directory, made if missing; `-` writes the one image to stdout')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Output directory, made if missing; `-` writes the one image to stdout')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Take every N-th input, starting at I (from 1): N processes share a list')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'W&B key that all inputs are logged under. {stem}, {name}, {parent} and {ext} make one per input. Default: the input''s stem')
            [CompletionResult]::new('--step', '--step', [CompletionResultType]::ParameterName, 'W&B step')
            [CompletionResult]::new('--caption', '--caption', [CompletionResultType]::ParameterName, 'Caption; without TEXT, the input''s stem. {stem}, {name}, {index}, {step} and {key} are filled in; {{ and }} are literal braces')
            [CompletionResult]::new('--grouping', '--grouping', [CompletionResultType]::ParameterName, 'Grouping number')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr or RGBX. Default: guessed from the channels')
            [CompletionResult]::new('--file-type', '--file-type', [CompletionResultType]::ParameterName, 'Encoding for arrays [default: png]. Image files keep their bytes')
            [CompletionResult]::new('--range', '--range', [CompletionResultType]::ParameterName, 'Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose among the usual three branches once for all frames of an input')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Take these frames of a batch only: N, A:B or A:B:S, as Python slices')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Take the named arrays of a container that match only, such as ''x.*''')
            [CompletionResult]::new('--colormap', '--colormap', [CompletionResultType]::ParameterName, 'Color arrays of one channel: viridis, magma, inferno, turbo or gray')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'JPEG quality, 1 to 100 [default: 75]')
            [CompletionResult]::new('--compress', '--compress', [CompletionResultType]::ParameterName, 'PNG effort: the picture is the same, size and time differ [default: balanced]')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse pictures of more pixels')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Refuse pictures that need more memory: bytes, or with K, M, G')
            [CompletionResult]::new('--boxes', '--boxes', [CompletionResultType]::ParameterName, 'JSON for the `boxes` argument of wandb.Image, for every input')
            [CompletionResult]::new('--masks', '--masks', [CompletionResultType]::ParameterName, 'JSON for the `masks` argument of wandb.Image, for every input')
            [CompletionResult]::new('--classes', '--classes', [CompletionResultType]::ParameterName, 'JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"]')
            [CompletionResult]::new('--labels', '--labels', [CompletionResultType]::ParameterName, 'Labels as COCO (instances.json; then also a list of detections) or YOLO (a folder of STEM.txt) write them. Content decides')
            [CompletionResult]::new('--sidecar', '--sidecar', [CompletionResultType]::ParameterName, 'One JSON file with any of caption, grouping, classes, boxes, masks, mode, file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the input, if it is one')
            [CompletionResult]::new('--media-root', '--media-root', [CompletionResultType]::ParameterName, 'Also read mask files below DIR that a JSON file names')
            [CompletionResult]::new('--overlay', '--overlay', [CompletionResultType]::ParameterName, 'Draw boxes and masks into a second picture, where there are any')
            [CompletionResult]::new('--min-score', '--min-score', [CompletionResultType]::ParameterName, 'Leave out boxes whose score NAME is below X; may be given several times')
            [CompletionResult]::new('--only-class', '--only-class', [CompletionResultType]::ParameterName, 'Draw this class only, by id or name; may be given several times')
            [CompletionResult]::new('--hide-class', '--hide-class', [CompletionResultType]::ParameterName, 'Do not draw this class; may be given several times')
            [CompletionResult]::new('--mask-alpha', '--mask-alpha', [CompletionResultType]::ParameterName, 'How opaque masks are, 0 to 1 [default: 0.6]')
            [CompletionResult]::new('--line-width', '--line-width', [CompletionResultType]::ParameterName, 'Width of box lines in pixels [default: scaled with the picture]')
            [CompletionResult]::new('--palette', '--palette', [CompletionResultType]::ParameterName, 'Colors of classes: wandb, okabe-ito, or a file of #rrggbb colors')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads. Default: all cores')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads. Default: all cores')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Be silent about warnings of this code; may be given several times')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'A progress bar; auto: on a terminal')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Color in messages')
            [CompletionResult]::new('--reencode', '--reencode', [CompletionResultType]::ParameterName, 'Decode image files, and encode them again under --mode and --file-type')
            [CompletionResult]::new('--no-normalize', '--no-normalize', [CompletionResultType]::ParameterName, 'Do not rescale: clip values to 0..255 and truncate')
            [CompletionResult]::new('--bgr', '--bgr', [CompletionResultType]::ParameterName, 'The channels are blue, green, red, as OpenCV has them')
            [CompletionResult]::new('--no-sidecar', '--no-sidecar', [CompletionResultType]::ParameterName, 'Do not look for sidecars')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Exit with 1 if there was any warning')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Have everything on the disk before it is recorded, so that not even a power failure leaves a row without its files')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Stop at the first failure instead of going on with the others')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print a manifest row per image instead of its path')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was decided for each image')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was decided for each image')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;inspect' {
            [CompletionResult]::new('--files0-from', '--files0-from', [CompletionResultType]::ParameterName, 'Read NUL-separated input names from FILE; `-` for standard input')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr or RGBX. Default: guessed from the channels')
            [CompletionResult]::new('--file-type', '--file-type', [CompletionResultType]::ParameterName, 'Encoding for arrays [default: png]. Image files keep their bytes')
            [CompletionResult]::new('--range', '--range', [CompletionResultType]::ParameterName, 'Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose among the usual three branches once for all frames of an input')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Take these frames of a batch only: N, A:B or A:B:S, as Python slices')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Take the named arrays of a container that match only, such as ''x.*''')
            [CompletionResult]::new('--colormap', '--colormap', [CompletionResultType]::ParameterName, 'Color arrays of one channel: viridis, magma, inferno, turbo or gray')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'JPEG quality, 1 to 100 [default: 75]')
            [CompletionResult]::new('--compress', '--compress', [CompletionResultType]::ParameterName, 'PNG effort: the picture is the same, size and time differ [default: balanced]')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse pictures of more pixels')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Refuse pictures that need more memory: bytes, or with K, M, G')
            [CompletionResult]::new('--boxes', '--boxes', [CompletionResultType]::ParameterName, 'JSON for the `boxes` argument of wandb.Image, for every input')
            [CompletionResult]::new('--masks', '--masks', [CompletionResultType]::ParameterName, 'JSON for the `masks` argument of wandb.Image, for every input')
            [CompletionResult]::new('--classes', '--classes', [CompletionResultType]::ParameterName, 'JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"]')
            [CompletionResult]::new('--labels', '--labels', [CompletionResultType]::ParameterName, 'Labels as COCO (instances.json; then also a list of detections) or YOLO (a folder of STEM.txt) write them. Content decides')
            [CompletionResult]::new('--sidecar', '--sidecar', [CompletionResultType]::ParameterName, 'One JSON file with any of caption, grouping, classes, boxes, masks, mode, file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the input, if it is one')
            [CompletionResult]::new('--media-root', '--media-root', [CompletionResultType]::ParameterName, 'Also read mask files below DIR that a JSON file names')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print a JSON object per picture')
            [CompletionResult]::new('--preview', '--preview', [CompletionResultType]::ParameterName, 'Show a small picture, in colored half-blocks where the terminal shows nothing better')
            [CompletionResult]::new('--reencode', '--reencode', [CompletionResultType]::ParameterName, 'Decode image files, and encode them again under --mode and --file-type')
            [CompletionResult]::new('--no-normalize', '--no-normalize', [CompletionResultType]::ParameterName, 'Do not rescale: clip values to 0..255 and truncate')
            [CompletionResult]::new('--bgr', '--bgr', [CompletionResultType]::ParameterName, 'The channels are blue, green, red, as OpenCV has them')
            [CompletionResult]::new('--no-sidecar', '--no-sidecar', [CompletionResultType]::ParameterName, 'Do not look for sidecars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;gallery' {
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'Title of the page. Default: the directory''s name')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads. Default: all cores')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads. Default: all cores')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'A progress bar; auto: on a terminal')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Color in messages')
            [CompletionResult]::new('--embed', '--embed', [CompletionResultType]::ParameterName, 'Put the pictures into the page, which then needs no other file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is on the page')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is on the page')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;verify' {
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads. Default: all cores')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads. Default: all cores')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Color in messages')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print differences only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print differences only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;wandb-run' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'W&B project that the run goes to. Default: what `wandb sync` is told')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'W&B project that the run goes to. Default: what `wandb sync` is told')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'User or team that the project belongs to. Default: who uploads it')
            [CompletionResult]::new('--entity', '--entity', [CompletionResultType]::ParameterName, 'User or team that the project belongs to. Default: who uploads it')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the run is called in tables and charts')
            [CompletionResult]::new('--run-id', '--run-id', [CompletionResultType]::ParameterName, 'Id of the run. Default: one that stays the same for DIR')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Tag of the run; may be given several times')
            [CompletionResult]::new('--notes', '--notes', [CompletionResultType]::ParameterName, 'Text beside the run')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory of runs, made if missing')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Color in messages')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors and the path only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors and the path only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'wbimg;help' {
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn arrays and image files into encoded images and W&B media JSON')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Say what convert would do with each input, and why; write nothing')
            [CompletionResult]::new('gallery', 'gallery', [CompletionResultType]::ParameterValue, 'Make a page out of an output directory, to look at its pictures')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Re-hash and decode everything that an output directory refers to')
            [CompletionResult]::new('wandb-run', 'wandb-run', [CompletionResultType]::ParameterValue, 'Write a W&B offline run from an output directory, for `wandb sync`')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wbimg;help;convert' {
            break
        }
        'wbimg;help;inspect' {
            break
        }
        'wbimg;help;gallery' {
            break
        }
        'wbimg;help;man' {
            break
        }
        'wbimg;help;verify' {
            break
        }
        'wbimg;help;wandb-run' {
            break
        }
        'wbimg;help;completions' {
            break
        }
        'wbimg;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
