"""Answers install requests as `apt-get install --simulate` does, many with one cache.

In: JSON lines `{"packages": ["nginx", "curl/trixie-backports", "zlib1g=1:1.3", "systemd-"]}`.
Out: JSON lines `{"install": ["nginx=1.26:amd64", ...]}` or `{"refused": "why"}`, in the same order.
In: `{"candidates": ["nginx"]}`. Out: `{"nginx": "1.26"}`, the versions that the policy prefers.
The steps are those of DoCacheManipulationFromCommandLine in apt's private-install.cc.
"""

import json
import os
import sys
from itertools import islice

import apt_pkg


class Refused(Exception):
    pass


def main():
    apt_pkg.init()
    cache = apt_pkg.Cache(None)
    depcache = apt_pkg.DepCache(cache)
    packages = [package for package in cache.packages if package.has_versions]
    for line in sys.stdin:
        # A copy of this process answers: what a request marks is gone with it, and DepCache.init() is slow.
        copy = os.fork()
        if copy == 0:
            print(json.dumps(answer(json.loads(line), cache, depcache, packages)), flush=True)
            os._exit(0)
        os.waitpid(copy, 0)


def answer(question, cache, depcache, packages):
    if "candidates" in question:
        return candidates(question["candidates"], cache, depcache)
    try:
        return {"install": install(question["packages"], cache, depcache, packages)}
    except Refused as reason:
        return {"refused": str(reason)}


def candidates(names, cache, depcache):
    found = {name: depcache.get_candidate_ver(cache[name]) for name in names if name in cache}
    return {name: version.ver_str for name, version in found.items() if version is not None}


def install(texts, cache, depcache, packages):
    wanted, unwanted = [], []
    for text in texts:
        if text.endswith("-") and text not in cache:
            unwanted.append(find(text[:-1], cache, depcache)[0])
        else:
            wanted.append(find(text, cache, depcache))
    resolver = apt_pkg.ProblemResolver(depcache)
    with apt_pkg.ActionGroup(depcache):
        for package, version, _ in wanted:
            depcache.set_candidate_ver(package, version)
            resolver.clear(package)
            resolver.protect(package)
            depcache.mark_install(package, False)
        for package in unwanted:
            resolver.clear(package)
            resolver.protect(package)
            resolver.remove(package)
            depcache.mark_delete(package, False)
        for package, version, release in wanted:
            if release is not None:
                depcache.set_candidate_release(package, version, release)
        for package, _, _ in wanted:
            depcache.mark_install(package, True)
        if depcache.broken_count > 0:  # Else it would look at every package and change nothing.
            try:
                resolver.resolve(True)
            except apt_pkg.Error as error:
                raise Refused(str(error)) from error
    if depcache.broken_count > 0:
        raise Refused("broken: " + " ".join(sorted(p.name for p in packages if depcache.is_inst_broken(p))))
    marked = islice((package for package in packages if depcache.marked_install(package)), depcache.inst_count)
    # What was marked on a way that apt did not go on is not installed in the end (DoAutomaticRemove).
    chosen = (package for package in marked if not depcache.is_garbage(package))
    return sorted(named(depcache.get_candidate_ver(package), package) for package in chosen)


def find(text, cache, depcache):
    """The package, its version, and the release where the request names one."""
    name, equals, wanted = text.partition("=")
    name, slash, release = name.partition("/")
    if name not in cache:
        raise Refused("unknown: " + name)
    package = cache[name]
    if equals:
        versions = [version for version in package.version_list if version.ver_str == wanted]
    elif slash:
        versions = [version for version in package.version_list if is_from(version, release)]
    else:
        candidate = depcache.get_candidate_ver(package)
        if candidate is None:
            package = only_provider(package, depcache)
            candidate = depcache.get_candidate_ver(package)
        versions = [candidate]
    if not versions:
        raise Refused("no such version: " + text)
    return package, versions[0], release if slash else None


def is_from(version, release):
    return any(release in (file.archive, file.codename) for file, _ in version.file_list)


def only_provider(package, depcache):
    """What tryVirtualPackage of cacheset.cc selects."""
    providers = {}
    for _, _, version in package.provides_list:
        owner = version.parent_pkg
        candidate = depcache.get_candidate_ver(owner)
        if candidate is not None and candidate.id == version.id:
            providers[owner.id] = owner
    if len(providers) != 1:
        raise Refused("virtual: " + package.name)
    return next(iter(providers.values()))


def named(version, package):
    return f"{package.name}={version.ver_str}:{version.arch}"


main()
