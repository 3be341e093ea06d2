import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import { type CatalogImages, startCatalog } from '../support/catalog-images.ts';
import { lackingDocker } from '../support/engine.ts';

/** Programs over TLS reach the test's server on the host's loopback. */
const reach = { network: 'host' } as const;

describe('languages of the catalogue', { skip: lackingDocker || lackingArchive }, () => {
  let catalog: CatalogImages;
  before(async () => {
    catalog = await startCatalog();
  });
  after(() => catalog?.[Symbol.asyncDispose]());

  test('python3: every module of the standard library is there, and TLS trusts a private authority', async () => {
    const image = await catalog.build('python3');
    const missing = JSON.parse(await catalog.run(image, ['-c', importAll], { tmpfs: ['/tmp'] }));
    assert.deepEqual(missing, [...elsewhere, ...otherSystems].sort());
    const fetch = `import urllib.request; print(urllib.request.urlopen("${catalog.url}").read().decode())`;
    assert.equal(await catalog.run(image, ['-c', fetch], reach), 'hello over TLS\n');
    const names = 'import os, pwd, zoneinfo; print(pwd.getpwuid(os.getuid()).pw_name, zoneinfo.ZoneInfo("Asia/Tokyo"))';
    assert.equal(await catalog.run(image, ['-c', names]), 'nonroot Asia/Tokyo\n');
    const local = 'import locale; print(locale.setlocale(locale.LC_ALL, ""))';
    assert.equal(await catalog.run(image, ['-c', local]), 'C.UTF-8\n');
  });

  test('nodejs: every core module is there, and https trusts a private authority', async () => {
    const image = await catalog.build('nodejs');
    const requireAll =
      'const m = require("module").builtinModules; m.forEach((n) => require(n)); console.log(m.length > 60)';
    assert.equal(await catalog.run(image, ['-e', requireAll]), 'true\n');
    const fetch = `require("https").get("${catalog.url}", (answer) => answer.pipe(process.stdout))`;
    assert.equal(await catalog.run(image, ['-e', fetch], reach), 'hello over TLS');
  });

  test('java-jre: a program speaks TLS with a private authority, by the trust store of the system', async () => {
    const image = await catalog.build('java-jre');
    const program = await catalog.write('Main.java', javaProgram);
    const options = { tmpfs: ['/tmp'], volumes: [`${program}:/Main.java:ro`], ...reach };
    assert.match(
      await catalog.run(image, ['/Main.java', catalog.url], options),
      /^hello over TLS, \d{3} authorities\n$/,
    );
  });

  test('ruby: its libraries load, and TLS trusts a private authority', async () => {
    const image = await catalog.build('ruby');
    const libraries =
      'bigdecimal csv date digest erb fiddle io/console json net/http openssl psych readline set socket';
    const load = `%w[${libraries} strscan tempfile yaml zlib].each { |name| require name }; print RUBY_ENGINE`;
    assert.equal(await catalog.run(image, ['-e', load]), 'ruby');
    const fetch = `require "net/http"; print Net::HTTP.get(URI("${catalog.url}"))`;
    assert.equal(await catalog.run(image, ['-e', fetch], reach), 'hello over TLS');
  });

  test('perl: every core module loads, and a warning about the locale is none', async () => {
    const image = await catalog.build('perl');
    const answer = await catalog.engine.dockerRun({
      image,
      args: ['-e', useAll],
      tmpfs: ['/tmp'],
      readOnly: true,
      capDrop: true,
    });
    // Test2::IPC, once loaded, has a remark of its own at the end.
    assert.match(answer.stdout, /^missing: none\n/);
    assert.equal(answer.stderr, '');
  });

  test('php-cli: its extensions work, and TLS trusts a private authority', async () => {
    const image = await catalog.build('php-cli');
    const work =
      'echo json_encode([ctype_alpha("a"), hash("sha256", ""), iconv("UTF-8", "ISO-8859-1", "é") === "\\xe9", Phar::canWrite()]);';
    const answer = JSON.parse(await catalog.run(image, ['-r', work]));
    assert.deepEqual(answer.slice(2), [true, false]);
    const fetch = `echo file_get_contents("${catalog.url}");`;
    assert.equal(await catalog.run(image, ['-r', fetch], reach), 'hello over TLS');
  });

  test('debug variants begin with a shell', async () => {
    for (const name of ['python3', 'nodejs', 'java-jre', 'ruby', 'perl', 'php-cli']) await catalog.shell(name);
  });
});

/** What Debian ships in packages of their own: python3-tk, idle, python3-gdbm, python3-venv, libpython3-testsuite. */
const elsewhere = [...['_gdbm', '_tkinter', 'dbm.gnu', 'ensurepip', 'idlelib', 'tkinter', 'turtle', 'turtledemo']];

/** Modules of other systems, and one of the prompt that asks ldconfig of libc-bin for a library. */
const otherSystems = [
  ...['_pyrepl._minimal_curses', '_pyrepl.windows_console'],
  ...['_ios_support', '_overlapped', '_scproxy', '_winapi', '_wmi', 'asyncio.windows_events', 'asyncio.windows_utils'],
  ...['encodings.mbcs', 'encodings.oem', 'msvcrt', 'multiprocessing.popen_spawn_win32', 'nt', 'winreg', 'winsound'],
];

/** Prints the names of the modules that do not load. Not loaded: what opens a browser, what prints a poem, what runs a program. */
const importAll = `
import importlib, json, pkgutil, sys
missing = []
def load(name):
    try: return importlib.import_module(name)
    except Exception: missing.append(name)
for name in sorted(sys.stdlib_module_names - {"__main__", "antigravity", "this"}):
    module = load(name)
    if not hasattr(module, "__path__"): continue
    for _, below, _ in pkgutil.walk_packages(module.__path__, name + ".", onerror=missing.append):
        if not below.endswith("__main__"): load(below)
print(json.dumps(sorted(set(missing))))
`;

const javaProgram = `
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class Main {
  public static void main(String[] arguments) throws Exception {
    var factory = TrustManagerFactory.getInstance("PKIX");
    factory.init((KeyStore) null);
    var authorities = ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length;
    var request = HttpRequest.newBuilder(URI.create(arguments[0])).build();
    var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    System.out.println(answer + ", " + authorities + " authorities");
  }
}
`;

/** Left out: modules of other systems, of perl's own build, with Tk (perl-tk), and what cannot be loaded on its own. */
const useAll = `
use Module::CoreList;
my @missing;
for my $name (sort keys %{$Module::CoreList::version{$]}}) {
  next if $name =~ /VMS|Win32|ToTk$|^(Amiga|OS2|MacPerl|Pod::Functions::Functions$|Test2::AsyncSubtest::Formatter$|XS::|ExtUtils::|Unicode$|unicore|perlfaq|DB_File$|if$|ok$|open$|sort$|encoding|vmsish|Module::Build::Platform)/;
  (my $file = "$name.pm") =~ s{::}{/}g;
  next if eval { no warnings; local $SIG{__WARN__} = sub {}; require $file; 1 };
  push @missing, "$name: $@";
}
print "missing: ", (@missing ? @missing : "none"), "\\n";
`;
