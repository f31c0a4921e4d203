
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'oauthctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'oauthctl'
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
        'oauthctl' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Logs in for real, and says what the hub would decide')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Decides offline, from a saved token response and userdata')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Says what the hub''s refresh of a user would do, from a saved auth_state')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Shows the effective settings, each with its origin and what it shadows')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Says where the hub''s logout leads, and revokes what it would')
            [CompletionResult]::new('validate-config', 'validate-config', [CompletionResultType]::ParameterValue, 'Finds mistakes in a configuration without logging in')
            [CompletionResult]::new('scaffold', 'scaffold', [CompletionResultType]::ParameterValue, 'Writes a custom authenticator class to start from, with a configuration and a test')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explains a rule, an option or a class')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Serves the embedded provider, for trying things out')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Writes the manual pages into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'oauthctl;login' {
            [CompletionResult]::new('--oauthenticator', '--oauthenticator', [CompletionResultType]::ParameterName, 'Refused: the verdict is that of one release')
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`')
            [CompletionResult]::new('--browser-cmd', '--browser-cmd', [CompletionResultType]::ParameterName, 'Opens the address with this command; `%s` stands for it, else it comes last')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Listens here for the callback [default: 127.0.0.1 and a free port]')
            [CompletionResult]::new('--callback-url', '--callback-url', [CompletionResultType]::ParameterName, 'The redirect_uri that the provider is told, when it differs from where we listen')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the browser to come back [default: 300]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trusts this authority too, beside the system''s store (PEM, repeatable)')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Sends requests through this proxy, which the hub would not')
            [CompletionResult]::new('--existing-users', '--existing-users', [CompletionResultType]::ParameterName, 'The users in the hub''s database: a name a line, `#` comments')
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'Keeps the auth_state in this file (mode 0600), for `refresh` and `logout`')
            [CompletionResult]::new('--save-exchanges', '--save-exchanges', [CompletionResultType]::ParameterName, 'Keeps everything the provider answered in this file (mode 0600), for `resolve --from`')
            [CompletionResult]::new('--system-users', '--system-users', [CompletionResultType]::ParameterName, 'The users and groups of the hub''s machine, for a `Local…` class: lines of passwd and group')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run')
            [CompletionResult]::new('--expect-outcome', '--expect-outcome', [CompletionResultType]::ParameterName, 'What it must come to; exit 0 where every expectation holds, else 1')
            [CompletionResult]::new('--expect-username', '--expect-username', [CompletionResultType]::ParameterName, 'The user name that must come out')
            [CompletionResult]::new('--expect-admin', '--expect-admin', [CompletionResultType]::ParameterName, 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is')
            [CompletionResult]::new('--expect-group', '--expect-group', [CompletionResultType]::ParameterName, 'A group that the user must be in (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Logs in at the embedded provider, with a configuration that matches it: no account needed; CLASS is generic-oauth, github, gitlab, google, globus, cilogon, azuread, auth0, bitbucket, openshift or mediawiki')
            [CompletionResult]::new('--demo-user', '--demo-user', [CompletionResultType]::ParameterName, 'Who logs in there, instead of choosing in the browser (see `oauthctl demo --people`)')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Prints the provider''s address, whole and alone on a line of standard error, and opens nothing')
            [CompletionResult]::new('--paste', '--paste', [CompletionResultType]::ParameterName, 'Listens nowhere: you paste the address that the browser ended on')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypts what --save writes, as the hub would with JUPYTERHUB_CRYPT_KEY')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Prints secrets as they are, instead of masking them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;resolve' {
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`')
            [CompletionResult]::new('--token-response', '--token-response', [CompletionResultType]::ParameterName, 'The token endpoint''s answer, as it came')
            [CompletionResult]::new('--userdata', '--userdata', [CompletionResultType]::ParameterName, 'The userdata endpoint''s answer, as it came; `-` reads standard input')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Every answer of an earlier login, as `login --save-exchanges` kept them')
            [CompletionResult]::new('--existing-users', '--existing-users', [CompletionResultType]::ParameterName, 'The users in the hub''s database: a name a line, `#` comments')
            [CompletionResult]::new('--system-users', '--system-users', [CompletionResultType]::ParameterName, 'The users and groups of the hub''s machine, for a `Local…` class: lines of passwd and group')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long Python may take [default: 10 to load, 60 altogether]')
            [CompletionResult]::new('--expect-outcome', '--expect-outcome', [CompletionResultType]::ParameterName, 'What it must come to; exit 0 where every expectation holds, else 1')
            [CompletionResult]::new('--expect-username', '--expect-username', [CompletionResultType]::ParameterName, 'The user name that must come out')
            [CompletionResult]::new('--expect-admin', '--expect-admin', [CompletionResultType]::ParameterName, 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is')
            [CompletionResult]::new('--expect-group', '--expect-group', [CompletionResultType]::ParameterName, 'A group that the user must be in (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Prints secrets as they are, instead of masking them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;refresh' {
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`')
            [CompletionResult]::new('--auth-state', '--auth-state', [CompletionResultType]::ParameterName, 'The user''s auth_state: what `login --save` wrote, plain JSON, or a value copied out of the hub''s database')
            [CompletionResult]::new('--system-users', '--system-users', [CompletionResultType]::ParameterName, 'The users and groups of the hub''s machine, for a `Local…` class: lines of passwd and group')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long Python may take [default: 10 to load, 60 altogether]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trusts this authority too, beside the system''s store (PEM, repeatable)')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Sends requests through this proxy, which the hub would not')
            [CompletionResult]::new('--expect-outcome', '--expect-outcome', [CompletionResultType]::ParameterName, 'What it must come to; exit 0 where every expectation holds, else 1')
            [CompletionResult]::new('--expect-username', '--expect-username', [CompletionResultType]::ParameterName, 'The user name that must come out')
            [CompletionResult]::new('--expect-admin', '--expect-admin', [CompletionResultType]::ParameterName, 'Whether the user must be an admin; `false` holds too where the hub leaves it as it is')
            [CompletionResult]::new('--expect-group', '--expect-group', [CompletionResultType]::ParameterName, 'A group that the user must be in (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Prints secrets as they are, instead of masking them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;show' {
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Compares two configurations by what they mean; layers of one are joined by commas, the lowest first')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Runs the configuration and its class in the hub''s own Python, which this names [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long Python may take [default: 10 to load, 60 altogether]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--defaults', '--defaults', [CompletionResultType]::ParameterName, 'Lists the options that are left at their defaults too')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Prints secrets as they are, instead of masking them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;logout' {
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'The hub''s environment in place of ours: NAME=value lines, or `kubectl get secret -o json`')
            [CompletionResult]::new('--auth-state', '--auth-state', [CompletionResultType]::ParameterName, 'The user''s auth_state, whose tokens are revoked where the hub would: what `login --save` wrote')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trusts this authority too, beside the system''s store (PEM, repeatable)')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Sends requests through this proxy, which the hub would not')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Opens the address in the browser')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Prints secrets as they are, instead of masking them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows requests and answers whole')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;validate-config' {
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'A file that lies under each PATH, as helm lays `-f base -f hub` (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Sets an option on top of the files (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'The hub''s environment in place of ours')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only these rules, separated by commas')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'All but these rules, separated by commas')
            [CompletionResult]::new('--min-level', '--min-level', [CompletionResultType]::ParameterName, 'Leaves out what is less grave')
            [CompletionResult]::new('--oauthenticator', '--oauthenticator', [CompletionResultType]::ParameterName, 'Judges by this release of oauthenticator, such as 16.3, instead of the newest')
            [CompletionResult]::new('--jupyterhub', '--jupyterhub', [CompletionResultType]::ParameterName, 'The jupyterhub that goes with it, such as 4.1')
            [CompletionResult]::new('--upgrade-to', '--upgrade-to', [CompletionResultType]::ParameterName, 'Tells what an upgrade to this release of oauthenticator changes for this configuration')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Counts warnings as errors in the exit code')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Writes the fixes that are safe into the files, and reports what is left')
            [CompletionResult]::new('--unsafe-fixes', '--unsafe-fixes', [CompletionResultType]::ParameterName, 'With --fix or --diff: the other fixes too, which may change what the configuration means')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Shows the fixes as a diff, and writes nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints only the summary')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints only the summary')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Prints secrets as they are, instead of masking them')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;scaffold' {
            [CompletionResult]::new('--service', '--service', [CompletionResultType]::ParameterName, 'What the login button calls the provider [default: NAME]')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Takes the addresses from this issuer''s discovery document')
            [CompletionResult]::new('--authorize-url', '--authorize-url', [CompletionResultType]::ParameterName, 'Where the browser is sent')
            [CompletionResult]::new('--token-url', '--token-url', [CompletionResultType]::ParameterName, 'Where the code is exchanged')
            [CompletionResult]::new('--userdata-url', '--userdata-url', [CompletionResultType]::ParameterName, 'Where the userdata come from')
            [CompletionResult]::new('--logout-redirect-url', '--logout-redirect-url', [CompletionResultType]::ParameterName, 'Where a logout leads')
            [CompletionResult]::new('--override', '--override', [CompletionResultType]::ParameterName, 'A method to override, with its contract explained (repeatable)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The folder to write into')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Adds the variant for users of the hub''s own machine')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Writes over files that are there')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;explain' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print the page')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;demo' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to serve; port 0 is a free one')
            [CompletionResult]::new('--redirect-uri', '--redirect-uri', [CompletionResultType]::ParameterName, 'A redirect_uri to register (repeatable)')
            [CompletionResult]::new('--demo-user', '--demo-user', [CompletionResultType]::ParameterName, 'Lets this person in without asking')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Goes wrong in this way, for seeing what the hub and oauthctl make of it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--people', '--people', [CompletionResultType]::ParameterName, 'Lists the people, and ends')
            [CompletionResult]::new('--faults', '--faults', [CompletionResultType]::ParameterName, 'Lists the faults, and ends')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Prints a jupyterhub_config.py that matches, before serving')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'oauthctl;help' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Logs in for real, and says what the hub would decide')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Decides offline, from a saved token response and userdata')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Says what the hub''s refresh of a user would do, from a saved auth_state')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Shows the effective settings, each with its origin and what it shadows')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Says where the hub''s logout leads, and revokes what it would')
            [CompletionResult]::new('validate-config', 'validate-config', [CompletionResultType]::ParameterValue, 'Finds mistakes in a configuration without logging in')
            [CompletionResult]::new('scaffold', 'scaffold', [CompletionResultType]::ParameterValue, 'Writes a custom authenticator class to start from, with a configuration and a test')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explains a rule, an option or a class')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Serves the embedded provider, for trying things out')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Writes the manual pages into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'oauthctl;help;login' {
            break
        }
        'oauthctl;help;resolve' {
            break
        }
        'oauthctl;help;refresh' {
            break
        }
        'oauthctl;help;show' {
            break
        }
        'oauthctl;help;logout' {
            break
        }
        'oauthctl;help;validate-config' {
            break
        }
        'oauthctl;help;scaffold' {
            break
        }
        'oauthctl;help;explain' {
            break
        }
        'oauthctl;help;demo' {
            break
        }
        'oauthctl;help;completions' {
            break
        }
        'oauthctl;help;man' {
            break
        }
        'oauthctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
