# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_oauthctl_global_optspecs
    string join \n color= h/help V/version
end

function __fish_oauthctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_oauthctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_oauthctl_using_subcommand
    set -l cmd (__fish_oauthctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c oauthctl -n "__fish_oauthctl_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -s V -l version -d 'Print version'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "login" -d 'Logs in for real, and says what the hub would decide'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "resolve" -d 'Decides offline, from a saved token response and userdata'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "refresh" -d 'Says what the hub\'s refresh of a user would do, from a saved auth_state'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "show" -d 'Shows the effective settings, each with its origin and what it shadows'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "logout" -d 'Says where the hub\'s logout leads, and revokes what it would'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "validate-config" -d 'Finds mistakes in a configuration without logging in'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "scaffold" -d 'Writes a custom authenticator class to start from, with a configuration and a test'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "explain" -d 'Explains a rule, an option or a class'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "demo" -d 'Serves the embedded provider, for trying things out'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "completions" -d 'Prints a completion script for a shell'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "man" -d 'Writes the manual pages into a folder'
complete -c oauthctl -n "__fish_oauthctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l oauthenticator -d 'Refused: the verdict is that of one release' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l base -d 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l set -d 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l env-file -d 'The hub\'s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l browser-cmd -d 'Opens the address with this command; `%s` stands for it, else it comes last' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l listen -d 'Listens here for the callback [default: 127.0.0.1 and a free port]' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l callback-url -d 'The redirect_uri that the provider is told, when it differs from where we listen' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l timeout -d 'How long to wait for the browser to come back [default: 300]' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l ca-cert -d 'Trusts this authority too, beside the system\'s store (PEM, repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l proxy -d 'Sends requests through this proxy, which the hub would not' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l existing-users -d 'The users in the hub\'s database: a name a line, `#` comments' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l save -d 'Keeps the auth_state in this file (mode 0600), for `refresh` and `logout`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l save-exchanges -d 'Keeps everything the provider answered in this file (mode 0600), for `resolve --from`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l system-users -d 'The users and groups of the hub\'s machine, for a `Local…` class: lines of passwd and group' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l python -d 'Runs the configuration and its class in the hub\'s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l expect-outcome -d 'What it must come to; exit 0 where every expectation holds, else 1' -r -f -a "allowed\t'The user comes in'
denied\t'The hub turns the user away'
failed\t'Anything else'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l expect-username -d 'The user name that must come out' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l expect-admin -d 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is' -r -f -a "true\t''
false\t''"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l expect-group -d 'A group that the user must be in (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l format -d 'How to print the result' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l demo -d 'Logs in at the embedded provider, with a configuration that matches it: no account needed; CLASS is generic-oauth, github, gitlab, google, globus, cilogon, azuread, auth0, bitbucket, openshift or mediawiki' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l demo-user -d 'Who logs in there, instead of choosing in the browser (see `oauthctl demo --people`)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l no-browser -d 'Prints the provider\'s address, whole and alone on a line of standard error, and opens nothing'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l paste -d 'Listens nowhere: you paste the address that the browser ended on'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l encrypt -d 'Encrypts what --save writes, as the hub would with JUPYTERHUB_CRYPT_KEY'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -l show-secrets -d 'Prints secrets as they are, instead of masking them'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -s v -l verbose -d 'Shows requests and answers whole'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l base -d 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l set -d 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l env-file -d 'The hub\'s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l token-response -d 'The token endpoint\'s answer, as it came' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l userdata -d 'The userdata endpoint\'s answer, as it came; `-` reads standard input' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l from -d 'Every answer of an earlier login, as `login --save-exchanges` kept them' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l existing-users -d 'The users in the hub\'s database: a name a line, `#` comments' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l system-users -d 'The users and groups of the hub\'s machine, for a `Local…` class: lines of passwd and group' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l python -d 'Runs the configuration and its class in the hub\'s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l timeout -d 'How long Python may take [default: 10 to load, 60 altogether]' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l expect-outcome -d 'What it must come to; exit 0 where every expectation holds, else 1' -r -f -a "allowed\t'The user comes in'
denied\t'The hub turns the user away'
failed\t'Anything else'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l expect-username -d 'The user name that must come out' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l expect-admin -d 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is' -r -f -a "true\t''
false\t''"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l expect-group -d 'A group that the user must be in (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l format -d 'How to print the result' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -l show-secrets -d 'Prints secrets as they are, instead of masking them'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -s v -l verbose -d 'Shows requests and answers whole'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand resolve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l base -d 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l set -d 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l env-file -d 'The hub\'s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l auth-state -d 'The user\'s auth_state: what `login --save` wrote, plain JSON, or a value copied out of the hub\'s database' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l system-users -d 'The users and groups of the hub\'s machine, for a `Local…` class: lines of passwd and group' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l python -d 'Runs the configuration and its class in the hub\'s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l timeout -d 'How long Python may take [default: 10 to load, 60 altogether]' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l ca-cert -d 'Trusts this authority too, beside the system\'s store (PEM, repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l proxy -d 'Sends requests through this proxy, which the hub would not' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l expect-outcome -d 'What it must come to; exit 0 where every expectation holds, else 1' -r -f -a "allowed\t'The user comes in'
denied\t'The hub turns the user away'
failed\t'Anything else'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l expect-username -d 'The user name that must come out' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l expect-admin -d 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is' -r -f -a "true\t''
false\t''"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l expect-group -d 'A group that the user must be in (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l format -d 'How to print the result' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -l show-secrets -d 'Prints secrets as they are, instead of masking them'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -s v -l verbose -d 'Shows requests and answers whole'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand refresh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l base -d 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l set -d 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l env-file -d 'The hub\'s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l diff -d 'Compares two configurations by what they mean; layers of one are joined by commas, the lowest first' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l python -d 'Runs the configuration and its class in the hub\'s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l timeout -d 'How long Python may take [default: 10 to load, 60 altogether]' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l format -d 'How to print the result' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l defaults -d 'Lists the options that are left at their defaults too'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -l show-secrets -d 'Prints secrets as they are, instead of masking them'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -s v -l verbose -d 'Shows requests and answers whole'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l base -d 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l set -d 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l env-file -d 'The hub\'s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l auth-state -d 'The user\'s auth_state, whose tokens are revoked where the hub would: what `login --save` wrote' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l ca-cert -d 'Trusts this authority too, beside the system\'s store (PEM, repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l proxy -d 'Sends requests through this proxy, which the hub would not' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l format -d 'How to print the result' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l open -d 'Opens the address in the browser'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -l show-secrets -d 'Prints secrets as they are, instead of masking them'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -s v -l verbose -d 'Shows requests and answers whole'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l base -d 'A file that lies under each PATH, as helm lays `-f base -f hub` (repeatable)' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l set -d 'Sets an option on top of the files (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l env-file -d 'The hub\'s environment in place of ours' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l select -d 'Only these rules, separated by commas' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l ignore -d 'All but these rules, separated by commas' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l min-level -d 'Leaves out what is less grave' -r -f -a "error\t'Errors only'
warning\t'Errors and warnings'
note\t'Everything'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l oauthenticator -d 'Judges by this release of oauthenticator, such as 16.3, instead of the newest' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l jupyterhub -d 'The jupyterhub that goes with it, such as 4.1' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l upgrade-to -d 'Tells what an upgrade to this release of oauthenticator changes for this configuration' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l format -d 'How to print the result' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'
sarif\t'SARIF 2.1.0, as code scanning reads it'
junit\t'JUnit\'s XML'
github\t'Annotations of GitHub Actions'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l strict -d 'Counts warnings as errors in the exit code'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l fix -d 'Writes the fixes that are safe into the files, and reports what is left'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l unsafe-fixes -d 'With --fix or --diff: the other fixes too, which may change what the configuration means'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l diff -d 'Shows the fixes as a diff, and writes nothing'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -s q -l quiet -d 'Prints only the summary'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -l show-secrets -d 'Prints secrets as they are, instead of masking them'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand validate-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l service -d 'What the login button calls the provider [default: NAME]' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l issuer -d 'Takes the addresses from this issuer\'s discovery document' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l authorize-url -d 'Where the browser is sent' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l token-url -d 'Where the code is exchanged' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l userdata-url -d 'Where the userdata come from' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l logout-redirect-url -d 'Where a logout leads' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l override -d 'A method to override, with its contract explained (repeatable)' -r -f -a "build_access_tokens_request_params\t''
build_token_info_request_headers\t''
get_token_info\t''
build_userdata_request_headers\t''
token_to_user\t''
user_info_to_username\t''
normalize_username\t''
build_auth_state_dict\t''
update_auth_model\t''
get_user_groups\t''
validate_username\t''
check_blocked_users\t''
check_allowed\t''
is_admin\t''
refresh_user\t''
login_handler\t''"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l output -d 'The folder to write into' -r -F
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l local -d 'Adds the variant for users of the hub\'s own machine'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -l force -d 'Writes over files that are there'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand scaffold" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand explain" -l format -d 'How to print the page' -r -f -a "human\t'For people'
json\t'One JSON document on standard output'
markdown\t'Markdown'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l listen -d 'Where to serve; port 0 is a free one' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l redirect-uri -d 'A redirect_uri to register (repeatable)' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l demo-user -d 'Lets this person in without asking' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l fault -d 'Goes wrong in this way, for seeing what the hub and oauthctl make of it' -r
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l people -d 'Lists the people, and ends'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l faults -d 'Lists the faults, and ends'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -l print-config -d 'Prints a jupyterhub_config.py that matches, before serving'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand completions" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand man" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oauthctl -n "__fish_oauthctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "login" -d 'Logs in for real, and says what the hub would decide'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "resolve" -d 'Decides offline, from a saved token response and userdata'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "refresh" -d 'Says what the hub\'s refresh of a user would do, from a saved auth_state'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "show" -d 'Shows the effective settings, each with its origin and what it shadows'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "logout" -d 'Says where the hub\'s logout leads, and revokes what it would'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "validate-config" -d 'Finds mistakes in a configuration without logging in'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "scaffold" -d 'Writes a custom authenticator class to start from, with a configuration and a test'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "explain" -d 'Explains a rule, an option or a class'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "demo" -d 'Serves the embedded provider, for trying things out'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "completions" -d 'Prints a completion script for a shell'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "man" -d 'Writes the manual pages into a folder'
complete -c oauthctl -n "__fish_oauthctl_using_subcommand help; and not __fish_seen_subcommand_from login resolve refresh show logout validate-config scaffold explain demo completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
