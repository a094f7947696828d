# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the connection to an exchange, each with its cure."""

from server.domain.telephony import ExchangeFault
from server.messages import N_

EXCHANGE_FAULTS: dict[ExchangeFault, str] = {
    ExchangeFault.HOST_UNKNOWN: N_(
        "There is no host “%(host)s”. Correct the address, or its entry in the DNS."
    ),
    ExchangeFault.FORBIDDEN_ADDRESS: N_(
        "“%(host)s” is an address that no exchange can have. Give the exchange’s own."
    ),
    ExchangeFault.REFUSED: N_(
        "Nobody listens at %(host)s, port %(port)s. Start Asterisk, and in its http.conf set"
        " enabled = yes, with the bindaddr and bindport that the address names."
    ),
    ExchangeFault.TIMED_OUT: N_(
        "%(host)s, port %(port)s, does not answer in time. Open the port in the firewall between"
        " here and there, and see whether Asterisk is busy."
    ),
    ExchangeFault.CERTIFICATE: N_(
        "HTTPS with %(host)s, port %(port)s, cannot be begun. Give Asterisk a certificate that is"
        " trusted here, or write http:// where the way to it is safe."
    ),
    ExchangeFault.CREDENTIALS: N_(
        "Asterisk does not know the user “%(username)s” with this secret. Compare both with its"
        " ari.conf, and reload it there."
    ),
    ExchangeFault.NOT_ARI: N_(
        "What answers at %(url)s is not Asterisk’s REST interface. The address usually ends in"
        " /ari, and ari.conf needs enabled = yes."
    ),
    ExchangeFault.READ_ONLY: N_(
        "The user “%(username)s” may look but not call. Take read_only out of ari.conf."
    ),
    ExchangeFault.NO_EVENTS: N_(
        "Requests are answered, but the event stream cannot be opened. Load"
        " res_http_websocket.so and res_ari_events.so in Asterisk; a proxy in between has to pass"
        " websockets on."
    ),
    ExchangeFault.TOO_OLD: N_(
        "This is Asterisk %(version)s. Install %(oldest)s or newer: older ones name events"
        " otherwise."
    ),
    ExchangeFault.TRUNK_UNKNOWN: N_(
        "Asterisk has no endpoint “%(endpoint)s”. Correct the dial string, or add it to pjsip.conf."
    ),
    ExchangeFault.TRUNK_OFFLINE: N_(
        "The trunk “%(endpoint)s” is out of reach: no call would ring. Look at its contact or"
        " registration in pjsip.conf."
    ),
}
