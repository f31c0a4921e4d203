
use builtin;
use str;

set edit:completion:arg-completer[oauthctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'oauthctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'oauthctl'= {
            cand --color 'When to use colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand login 'Logs in for real, and says what the hub would decide'
            cand resolve 'Decides offline, from a saved token response and userdata'
            cand refresh 'Says what the hub''s refresh of a user would do, from a saved auth_state'
            cand show 'Shows the effective settings, each with its origin and what it shadows'
            cand logout 'Says where the hub''s logout leads, and revokes what it would'
            cand validate-config 'Finds mistakes in a configuration without logging in'
            cand scaffold 'Writes a custom authenticator class to start from, with a configuration and a test'
            cand explain 'Explains a rule, an option or a class'
            cand demo 'Serves the embedded provider, for trying things out'
            cand completions 'Prints a completion script for a shell'
            cand man 'Writes the manual pages into a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'oauthctl;login'= {
            cand --oauthenticator 'Refused: the verdict is that of one release'
            cand --base 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)'
            cand --set 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)'
            cand --env-file 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`'
            cand --browser-cmd 'Opens the address with this command; `%s` stands for it, else it comes last'
            cand --listen 'Listens here for the callback [default: 127.0.0.1 and a free port]'
            cand --callback-url 'The redirect_uri that the provider is told, when it differs from where we listen'
            cand --timeout 'How long to wait for the browser to come back [default: 300]'
            cand --ca-cert 'Trusts this authority too, beside the system''s store (PEM, repeatable)'
            cand --proxy 'Sends requests through this proxy, which the hub would not'
            cand --existing-users 'The users in the hub''s database: a name a line, `#` comments'
            cand --save 'Keeps the auth_state in this file (mode 0600), for `refresh` and `logout`'
            cand --save-exchanges 'Keeps everything the provider answered in this file (mode 0600), for `resolve --from`'
            cand --system-users 'The users and groups of the hub''s machine, for a `Local…` class: lines of passwd and group'
            cand --python 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run'
            cand --expect-outcome 'What it must come to; exit 0 where every expectation holds, else 1'
            cand --expect-username 'The user name that must come out'
            cand --expect-admin 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is'
            cand --expect-group 'A group that the user must be in (repeatable)'
            cand --format 'How to print the result'
            cand --demo 'Logs in at the embedded provider, with a configuration that matches it: no account needed; CLASS is generic-oauth, github, gitlab, google, globus, cilogon, azuread, auth0, bitbucket, openshift or mediawiki'
            cand --demo-user 'Who logs in there, instead of choosing in the browser (see `oauthctl demo --people`)'
            cand --color 'When to use colours'
            cand --no-browser 'Prints the provider''s address, whole and alone on a line of standard error, and opens nothing'
            cand --paste 'Listens nowhere: you paste the address that the browser ended on'
            cand --encrypt 'Encrypts what --save writes, as the hub would with JUPYTERHUB_CRYPT_KEY'
            cand --show-secrets 'Prints secrets as they are, instead of masking them'
            cand -v 'Shows requests and answers whole'
            cand --verbose 'Shows requests and answers whole'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;resolve'= {
            cand --base 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)'
            cand --set 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)'
            cand --env-file 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`'
            cand --token-response 'The token endpoint''s answer, as it came'
            cand --userdata 'The userdata endpoint''s answer, as it came; `-` reads standard input'
            cand --from 'Every answer of an earlier login, as `login --save-exchanges` kept them'
            cand --existing-users 'The users in the hub''s database: a name a line, `#` comments'
            cand --system-users 'The users and groups of the hub''s machine, for a `Local…` class: lines of passwd and group'
            cand --python 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run'
            cand --timeout 'How long Python may take [default: 10 to load, 60 altogether]'
            cand --expect-outcome 'What it must come to; exit 0 where every expectation holds, else 1'
            cand --expect-username 'The user name that must come out'
            cand --expect-admin 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is'
            cand --expect-group 'A group that the user must be in (repeatable)'
            cand --format 'How to print the result'
            cand --color 'When to use colours'
            cand --show-secrets 'Prints secrets as they are, instead of masking them'
            cand -v 'Shows requests and answers whole'
            cand --verbose 'Shows requests and answers whole'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;refresh'= {
            cand --base 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)'
            cand --set 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)'
            cand --env-file 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`'
            cand --auth-state 'The user''s auth_state: what `login --save` wrote, plain JSON, or a value copied out of the hub''s database'
            cand --system-users 'The users and groups of the hub''s machine, for a `Local…` class: lines of passwd and group'
            cand --python 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run'
            cand --timeout 'How long Python may take [default: 10 to load, 60 altogether]'
            cand --ca-cert 'Trusts this authority too, beside the system''s store (PEM, repeatable)'
            cand --proxy 'Sends requests through this proxy, which the hub would not'
            cand --expect-outcome 'What it must come to; exit 0 where every expectation holds, else 1'
            cand --expect-username 'The user name that must come out'
            cand --expect-admin 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is'
            cand --expect-group 'A group that the user must be in (repeatable)'
            cand --format 'How to print the result'
            cand --color 'When to use colours'
            cand --show-secrets 'Prints secrets as they are, instead of masking them'
            cand -v 'Shows requests and answers whole'
            cand --verbose 'Shows requests and answers whole'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;show'= {
            cand --base 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)'
            cand --set 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)'
            cand --env-file 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`'
            cand --diff 'Compares two configurations by what they mean; layers of one are joined by commas, the lowest first'
            cand --python 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run'
            cand --timeout 'How long Python may take [default: 10 to load, 60 altogether]'
            cand --format 'How to print the result'
            cand --color 'When to use colours'
            cand --defaults 'Lists the options that are left at their defaults too'
            cand --show-secrets 'Prints secrets as they are, instead of masking them'
            cand -v 'Shows requests and answers whole'
            cand --verbose 'Shows requests and answers whole'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;logout'= {
            cand --base 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)'
            cand --set 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)'
            cand --env-file 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`'
            cand --auth-state 'The user''s auth_state, whose tokens are revoked where the hub would: what `login --save` wrote'
            cand --ca-cert 'Trusts this authority too, beside the system''s store (PEM, repeatable)'
            cand --proxy 'Sends requests through this proxy, which the hub would not'
            cand --format 'How to print the result'
            cand --color 'When to use colours'
            cand --open 'Opens the address in the browser'
            cand --show-secrets 'Prints secrets as they are, instead of masking them'
            cand -v 'Shows requests and answers whole'
            cand --verbose 'Shows requests and answers whole'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;validate-config'= {
            cand --base 'A file that lies under each PATH, as helm lays `-f base -f hub` (repeatable)'
            cand --set 'Sets an option on top of the files (repeatable)'
            cand --env-file 'The hub''s environment in place of ours'
            cand --select 'Only these rules, separated by commas'
            cand --ignore 'All but these rules, separated by commas'
            cand --min-level 'Leaves out what is less grave'
            cand --oauthenticator 'Judges by this release of oauthenticator, such as 16.3, instead of the newest'
            cand --jupyterhub 'The jupyterhub that goes with it, such as 4.1'
            cand --upgrade-to 'Tells what an upgrade to this release of oauthenticator changes for this configuration'
            cand --format 'How to print the result'
            cand --color 'When to use colours'
            cand --strict 'Counts warnings as errors in the exit code'
            cand --fix 'Writes the fixes that are safe into the files, and reports what is left'
            cand --unsafe-fixes 'With --fix or --diff: the other fixes too, which may change what the configuration means'
            cand --diff 'Shows the fixes as a diff, and writes nothing'
            cand -q 'Prints only the summary'
            cand --quiet 'Prints only the summary'
            cand --show-secrets 'Prints secrets as they are, instead of masking them'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;scaffold'= {
            cand --service 'What the login button calls the provider [default: NAME]'
            cand --issuer 'Takes the addresses from this issuer''s discovery document'
            cand --authorize-url 'Where the browser is sent'
            cand --token-url 'Where the code is exchanged'
            cand --userdata-url 'Where the userdata come from'
            cand --logout-redirect-url 'Where a logout leads'
            cand --override 'A method to override, with its contract explained (repeatable)'
            cand --output 'The folder to write into'
            cand --color 'When to use colours'
            cand --local 'Adds the variant for users of the hub''s own machine'
            cand --force 'Writes over files that are there'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;explain'= {
            cand --format 'How to print the page'
            cand --color 'When to use colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;demo'= {
            cand --listen 'Where to serve; port 0 is a free one'
            cand --redirect-uri 'A redirect_uri to register (repeatable)'
            cand --demo-user 'Lets this person in without asking'
            cand --fault 'Goes wrong in this way, for seeing what the hub and oauthctl make of it'
            cand --color 'When to use colours'
            cand --people 'Lists the people, and ends'
            cand --faults 'Lists the faults, and ends'
            cand --print-config 'Prints a jupyterhub_config.py that matches, before serving'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;completions'= {
            cand --color 'When to use colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;man'= {
            cand --color 'When to use colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'oauthctl;help'= {
            cand login 'Logs in for real, and says what the hub would decide'
            cand resolve 'Decides offline, from a saved token response and userdata'
            cand refresh 'Says what the hub''s refresh of a user would do, from a saved auth_state'
            cand show 'Shows the effective settings, each with its origin and what it shadows'
            cand logout 'Says where the hub''s logout leads, and revokes what it would'
            cand validate-config 'Finds mistakes in a configuration without logging in'
            cand scaffold 'Writes a custom authenticator class to start from, with a configuration and a test'
            cand explain 'Explains a rule, an option or a class'
            cand demo 'Serves the embedded provider, for trying things out'
            cand completions 'Prints a completion script for a shell'
            cand man 'Writes the manual pages into a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'oauthctl;help;login'= {
        }
        &'oauthctl;help;resolve'= {
        }
        &'oauthctl;help;refresh'= {
        }
        &'oauthctl;help;show'= {
        }
        &'oauthctl;help;logout'= {
        }
        &'oauthctl;help;validate-config'= {
        }
        &'oauthctl;help;scaffold'= {
        }
        &'oauthctl;help;explain'= {
        }
        &'oauthctl;help;demo'= {
        }
        &'oauthctl;help;completions'= {
        }
        &'oauthctl;help;man'= {
        }
        &'oauthctl;help;help'= {
        }
    ]
    $completions[$command]
}
