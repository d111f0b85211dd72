from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import TypeAdapter

from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import Happened, VendorConnectionError, VendorTimeoutError
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import Operation, RetryPolicy
from tests.unit.vendors.local_vendor import LocalVendor, Reply, local_vendor

WRITE = Operation("things.create", "POST", "/things", "", retry_safe=False)
ANY: TypeAdapter[Any] = TypeAdapter(Any)


def new_api(url: str) -> VendorApi:
    return VendorApi("testing", url, headers=dict, secrets=tuple, retries=RetryPolicy(attempts=1))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_vendor(certificate: Path) -> Iterator[LocalVendor]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with local_vendor(context) as running:
        yield running


def test_call_works_when_vendor_speaks_tls(
    tls_vendor: LocalVendor, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    tls_vendor.answer(Reply(body=b'{"x": "' + b"y" * 3_000_000 + b'"}'))
    api = new_api(tls_vendor.url)
    assert len(api.read(WRITE, ANY, json=b"z" * 3_000_000)["x"]) == 3_000_000
    api.read(WRITE, ANY, json=b"{}")
    assert [len(request.body) for request in tls_vendor.received] == [3_000_000, 2]
    assert tls_vendor.connections == 1
    tls_vendor.answer(Reply(body=b"x" * 100, fault="drip"))
    with pytest.raises(VendorTimeoutError, match="deadline"):
        api.within(Deadline.after(0.3)).read(WRITE, ANY, json=b"{}")
    api.close()


def test_nothing_is_sent_when_certificate_is_not_trusted(tls_vendor: LocalVendor) -> None:
    api = new_api(tls_vendor.url)
    with pytest.raises(VendorConnectionError, match="SSLCertVerificationError") as caught:
        api.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.NO
    assert not tls_vendor.received
    api.close()


def test_effect_is_unknown_when_a_proxy_loses_the_answer(
    vendor: LocalVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", vendor.url)
    vendor.answer(Reply(), Reply(fault="drop"))
    api = new_api("http://vendor.invalid")
    api.read(WRITE, ANY, json=b"{}")
    assert vendor.received[0].path == "http://vendor.invalid/things"
    with pytest.raises(VendorConnectionError) as caught:
        api.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.UNKNOWN
    api.close()


def test_nothing_happened_when_the_proxy_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    api = new_api("http://vendor.invalid")
    with pytest.raises(VendorConnectionError) as caught:
        api.read(WRITE, ANY, json=b"{}")
    assert caught.value.happened is Happened.NO
    api.close()
