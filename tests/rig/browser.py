"""A real browser: headless Chromium, spoken to through a pipe (Chrome DevTools Protocol, no further library).

What a page asks for, what its script throws and what its policy forbids is all kept.
"""
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from rig import parts

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
LIMIT_S = 30
OPTIONS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
           '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage',
           '--hide-scrollbars', '--remote-debugging-pipe')

# Every text on the page whose contrast with what is behind it is too low (WCAG 2.1, 1.4.3): [[ratio, text], ...].
CONTRAST = """(function () {
  function parse(colour) {
    var numbers = colour.match(/[\\d.]+/g).map(Number);
    if (colour.indexOf('color(srgb') === 0) { numbers = numbers.map(function (n, i) { return i < 3 ? n * 255 : n; }); }
    return numbers.length < 4 ? numbers.concat([1]) : numbers;
  }
  function over(top, under) {
    return [0, 1, 2].map(function (i) { return top[i] * top[3] + under[i] * (1 - top[3]); }).concat([1]);
  }
  function behind(element) {
    var layers = [], base = document.body;
    for (var one = element; one; one = one.parentElement) { layers.push(parse(getComputedStyle(one).backgroundColor)); }
    return layers.reverse().reduce(function (under, layer) { return over(layer, under); }, [255, 255, 255, 1]);
  }
  function light(colour) {
    var part = colour.slice(0, 3).map(function (n) {
      n /= 255; return n <= .03928 ? n / 12.92 : Math.pow((n + .055) / 1.055, 2.4);
    });
    return .2126 * part[0] + .7152 * part[1] + .0722 * part[2];
  }
  var walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), low = [], seen = 0;
  while (walker.nextNode()) {
    var text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.offsetParent || element.closest('.unseen, script, svg')) { continue; }
    seen += 1;
    var ground = behind(element), ink = over(parse(getComputedStyle(element).color), ground);
    var a = light(ink), b = light(ground), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) { low.push([ratio, text]); }
  }
  return {seen: seen, low: low};
}())"""

# Chromium reads its orders from descriptor 3 and writes to 4.
AS_3_AND_4 = ('import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4);'
              ' os.execv(sys.argv[3], sys.argv[3:])')


def path():
    """The browser of this machine, None when there is none."""
    return next((found for found in map(parts.find, NAMES) if found), None)


class Browser:
    """One running browser; close() ends it and its folder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='mt-chr-')
        reads, self._write = os.pipe()
        self._read, writes = os.pipe()
        high = [fcntl.fcntl(one, fcntl.F_DUPFD, 20) for one in (reads, writes)]
        self._process = subprocess.Popen(
            [sys.executable, '-c', AS_3_AND_4, *map(str, high), path(), *OPTIONS, '--user-data-dir=' + self.folder],
            pass_fds=high, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        for one in (reads, writes, *high):
            os.close(one)
        self._number = 0
        self._unread = b''
        self.events = []            # (session, method, params)

    def call(self, method, session=None, **params):
        """Ask the browser, and wait for its answer; what happens meanwhile is kept in `events`."""
        self._number += 1
        asked = {'id': self._number, 'method': method, 'params': params}
        if session:
            asked['sessionId'] = session
        os.write(self._write, json.dumps(asked).encode() + b'\0')
        while True:
            said = self.next()
            if said.get('id') == self._number:
                assert 'error' not in said, '{}: {}'.format(method, said['error'])
                return said['result']

    def next(self):
        """The next message; an event is kept."""
        end = time.monotonic() + LIMIT_S
        while b'\0' not in self._unread:
            ready = select.select([self._read], [], [], max(0, end - time.monotonic()))[0]
            assert ready, 'the browser has not answered for {} s'.format(LIMIT_S)
            more = os.read(self._read, 1 << 16)
            assert more, 'the browser has ended'
            self._unread += more
        message, _, self._unread = self._unread.partition(b'\0')
        said = json.loads(message.decode())
        if 'method' in said:
            self.events.append((said.get('sessionId'), said['method'], said['params']))
        return said

    def page(self, **kwargs):
        """A new Page."""
        return Page(self, **kwargs)

    def close(self):
        """End the browser."""
        try:
            self.call('Browser.close')
            self._process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        os.close(self._read)
        os.close(self._write)
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    """One tab.

    before: a script that runs before those of the page.  script: False switches those of the page off.
    """

    def __init__(self, browser, width=1280, height=800, dark=False, before=None, script=True):
        self.browser = browser
        self.target = browser.call('Target.createTarget', url='about:blank')['targetId']
        self.session = browser.call('Target.attachToTarget', targetId=self.target, flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Runtime', 'Log', 'DOM'):
            self.call(domain + '.enable')
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        if before:
            self.call('Page.addScriptToEvaluateOnNewDocument', source=before)
        if not script:
            self.call('Emulation.setScriptExecutionDisabled', value=True)

    def call(self, method, **params):
        """Ask for something of this tab."""
        return self.browser.call(method, self.session, **params)

    def events(self, *methods):
        """The parameters of the events of this tab."""
        return [params for session, method, params in self.browser.events
                if session == self.session and method in methods]

    def open(self, url):
        """Go there, and wait until all is loaded."""
        loaded = len(self.events('Page.loadEventFired'))
        answer = self.call('Page.navigate', url=url)
        assert 'errorText' not in answer, '{}: {}'.format(url, answer['errorText'])
        while len(self.events('Page.loadEventFired')) == loaded:
            self.browser.next()
        return self

    def get(self, expression):
        """The value of an expression of JavaScript."""
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        assert 'exceptionDetails' not in answer, answer['exceptionDetails']
        return answer['result'].get('value')

    def point(self, selector, share_x=0.5, share_y=0.5):
        """Scroll to an element, and move the pointer to a place in it."""
        box = self.get('(function () {{ var one = document.querySelector({}); one.scrollIntoView({{block: "center"}});'
                       ' var box = one.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; }}())'
                       .format(json.dumps(selector)))
        x, y = box[0] + share_x * box[2], box[1] + share_y * box[3]
        self.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)
        return x, y

    def click(self, selector):
        """Click an element."""
        x, y = self.point(selector)
        for kind in 'mousePressed', 'mouseReleased':
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def requests(self):
        """The addresses that it has asked for, data: apart."""
        self.get('0')               # all events up to now have come
        return [params['request']['url'] for params in self.events('Network.requestWillBeSent')
                if not params['request']['url'].startswith('data:')]

    def complaints(self):
        """What its script threw, and what the browser had to say of it."""
        self.get('0')
        return [params['exceptionDetails'] for params in self.events('Runtime.exceptionThrown')] + [
            params['entry']['text'] for params in self.events('Log.entryAdded')] + [
            params['args'] for params in self.events('Runtime.consoleAPICalled')]

    def picture(self, file, whole=True):
        """Save a picture of it."""
        shot = self.call('Page.captureScreenshot', captureBeyondViewport=whole)
        with open(str(file), 'wb') as out:
            out.write(base64.b64decode(shot['data']))

    def close(self):
        """Close the tab."""
        self.browser.call('Target.closeTarget', targetId=self.target)
