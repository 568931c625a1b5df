#include "net/token.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/server_url.h"
#include "net/secret.h"

enum {
	ANSWER_BYTES = 64 * 1024,
	FORM_BYTES = 32 * 1024,
	BEARER_BYTES = 16 * 1024,
	LIFE_S = 3600, /* where the server does not say */
	LIFE_MAX_S = 24 * 3600,
	RENEW_PERCENT = 80,
	PERCENT = 100,
	MS = 1000,
	ASK_AGAIN_S = 60, /* while the old one still holds */
	WAIT_MAX_S = 3600,
	HTTP_OK = 200,
	HTTP_BUSY = 429,
	HTTP_SERVER_ERROR = 500,
};

struct token {
	const struct token_settings *settings;
	CURL *curl;
	char *bearer; /* NULL: none yet */
	int64_t renew_at_ms, ends_at_ms;
	int64_t ask_at_ms; /* no sooner, for the reason below */
	struct err why;
};

/* What Microsoft's numbers mean; others have the standard's words alone. */
static const struct {
	int number;
	const char *advice;
} g_numbers[] = {
    {7000222, "the client secret has expired: make a new one"},
    {7000215, "the client secret is wrong: it must be the secret's value, "
	      "not its id"},
    {700016, "there is no such client-id in this tenant"},
    {90002, "there is no such tenant: look at token-url"},
    {1002012, "the scope is not one that client credentials may ask for"},
};

static const struct {
	const char *word, *advice;
} g_words[] = {
    {"invalid_client", "client-id or client secret is wrong"},
    {"unauthorized_client", "this client may not ask for such tokens"},
    {"invalid_scope", "the scope is not known there"},
    {"unsupported_grant_type", "the server gives no client credentials"},
    {"invalid_grant", "the grant was refused"},
    {"invalid_request", "the request was refused"},
};

struct token *
token_new(const struct token_settings *settings)
{
	struct token *token = calloc(1, sizeof(*token));

	BUG_ON(token == NULL);
	token->settings = settings;
	token->curl = curl_easy_init();
	BUG_ON(token->curl == NULL);
	return token;
}

void
token_forget(struct token *token)
{
	if (token->bearer == NULL)
		return;
	explicit_bzero(token->bearer, strlen(token->bearer));
	free(token->bearer);
	token->bearer = NULL;
}

void
token_free(struct token *token)
{
	if (token == NULL)
		return;
	token_forget(token);
	curl_easy_cleanup(token->curl);
	free(token);
}

/* --- the question ----------------------------------------------------------- */

static void
add_field(struct token *token, struct buf *form, const char *name,
    const char *value)
{
	char *escaped = curl_easy_escape(token->curl, value, 0);

	BUG_ON(escaped == NULL);
	if (form->len > 0)
		buf_putc(form, '&');
	buf_puts(form, name);
	buf_putc(form, '=');
	buf_puts(form, escaped);
	explicit_bzero(escaped, strlen(escaped));
	curl_free(escaped);
}

static int
make_form(struct token *token, struct buf *form, struct err *err)
{
	struct buf secret CLEANUP(secret_done);
	int code;

	buf_init(&secret, SECRET_BYTES);
	code = secret_read(token->settings->client_secret_file, &secret, err);
	if (code != 0)
		return code;
	add_field(token, form, "grant_type", "client_credentials");
	add_field(token, form, "client_id", token->settings->client_id);
	add_field(token, form, "client_secret", buf_text(&secret));
	if (token->settings->scope[0] != '\0')
		add_field(token, form, "scope", token->settings->scope);
	return 0;
}

static size_t
take_answer(char *data, size_t size, size_t count, void *buf)
{
	struct buf *answer = buf;

	buf_add(answer, data, size * count);
	return answer->over ? 0 : size * count;
}

/* Plain http leaves this machine never. */
static int
check_url(const struct token *token, struct err *err)
{
	struct server_url url;
	int code = server_url_parse(token->settings->token_url, &url, err);

	if (code != 0)
		return code;
	if (strcmp(url.scheme, "https") == 0 ||
	    (strcmp(url.scheme, "http") == 0 && server_url_is_loopback(&url)))
		return 0;
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "token-url must begin with https://");
}

static void
set_up(struct token *token, const struct buf *form, struct buf *answer,
    char words[static CURL_ERROR_SIZE])
{
	const struct token_settings *s = token->settings;
	CURL *curl = token->curl;

	curl_easy_reset(curl);
	(void)curl_easy_setopt(curl, CURLOPT_URL, s->token_url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buf_text(form));
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form->len);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)s->timeout_s * MS);
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, s->proxy);
	if (s->ca_file[0] != '\0')
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, s->ca_file);
	/* A token an hour needs no connection in between. */
	(void)curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
}

/* --- the answer ------------------------------------------------------------- */

static bool
has_number(json_t *answer, int number)
{
	json_t *numbers = json_object_get(answer, "error_codes");
	size_t i;
	json_t *one;
	char mark[32];

	json_array_foreach(numbers, i,
	    one) if (json_integer_value(one) == number) return true;
	(void)snprintf(mark, sizeof(mark), "AADSTS%d", number);
	const char *words =
	    json_string_value(json_object_get(answer, "error_description"));
	const char *found = words == NULL ? NULL : strstr(words, mark);
	return found != NULL &&
	       (found[strlen(mark)] < '0' || found[strlen(mark)] > '9');
}

static const char *
advice_for(json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	for (size_t i = 0; i < COUNT_OF(g_numbers); i++)
		if (has_number(answer, g_numbers[i].number))
			return g_numbers[i].advice;
	for (size_t i = 0; error != NULL && i < COUNT_OF(g_words); i++)
		if (strcmp(g_words[i].word, error) == 0)
			return g_words[i].advice;
	return NULL;
}

static int
busy(struct token *token, long status, struct err *err)
{
	const char *what =
	    status == HTTP_BUSY ? "is asked too often" : "is out of order";
	curl_off_t wait_s = 0;

	(void)curl_easy_getinfo(token->curl, CURLINFO_RETRY_AFTER, &wait_s);
	if (wait_s <= 0)
		return err_set(err, ERR_BUSY, BLAME_NOBODY,
		    "the token server %.150s %s: HTTP %ld",
		    token->settings->token_url, what, status);
	if (wait_s > WAIT_MAX_S)
		wait_s = WAIT_MAX_S;
	token->ask_at_ms = clock_mono_ms() + wait_s * MS;
	return err_set(err, ERR_BUSY, BLAME_NOBODY,
	    "the token server %.150s %s: HTTP %ld; it is asked again in %lld "
	    "seconds, as it wishes",
	    token->settings->token_url, what, status, (long long)wait_s);
}

static int
refused(struct token *token, long status, json_t *answer, struct err *err)
{
	const char *url = token->settings->token_url;
	const char *advice = advice_for(answer);
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (status == HTTP_BUSY || status >= HTTP_SERVER_ERROR)
		return busy(token, status, err);
	if (advice != NULL)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%.150s gives no token: %s", url, advice);
	if (error != NULL)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%.150s gives no token: HTTP %ld, %.60s", url, status,
		    error);
	return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
	    "%.150s gives no token but HTTP %ld; is it the right token-url?",
	    url, status);
}

/* One line of plain characters: it becomes part of a login. */
static bool
is_bearer(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return n > 0 && n < BEARER_BYTES;
}

static int
keep(struct token *token, json_t *answer, struct err *err)
{
	const char *bearer =
	    json_string_value(json_object_get(answer, "access_token"));
	json_t *life = json_object_get(answer, "expires_in");
	/* Some send the number as text. */
	int64_t life_s = json_is_string(life)
			     ? strtoll(json_string_value(life), NULL, 10)
			     : json_integer_value(life);

	if (bearer == NULL || !is_bearer(bearer))
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "%.150s answered without a token",
		    token->settings->token_url);
	if (life_s <= 0)
		life_s = LIFE_S;
	if (life_s > LIFE_MAX_S)
		life_s = LIFE_MAX_S;
	token_forget(token);
	token->bearer = strdup(bearer);
	BUG_ON(token->bearer == NULL);
	int64_t now_ms = clock_mono_ms();
	token->renew_at_ms = now_ms + life_s * MS * RENEW_PERCENT / PERCENT;
	token->ends_at_ms = now_ms + life_s * MS;
	return 0;
}

static int
read_answer(struct token *token, const struct buf *text, struct err *err)
{
	json_error_t why;
	long status = 0;
	int code;

	(void)curl_easy_getinfo(token->curl, CURLINFO_RESPONSE_CODE, &status);
	json_t *answer = json_loadb(buf_text(text), text->len, 0, &why);
	if (status == HTTP_OK)
		code = keep(token, answer, err);
	else
		code = refused(token, status, answer, err);
	json_decref(answer);
	return code;
}

static int
unreachable(const struct token *token, CURLcode curl, const char *words,
    struct err *err)
{
	bool untrusted = curl == CURLE_PEER_FAILED_VERIFICATION ||
			 curl == CURLE_SSL_CACERT_BADFILE;

	return err_set(err, untrusted ? ERR_CONFIG : ERR_CLOSED,
	    untrusted ? BLAME_OPERATOR : BLAME_NOBODY,
	    untrusted ? "%.150s cannot be trusted: %.150s"
		      : "the token server %.150s cannot be reached: %.150s",
	    token->settings->token_url,
	    words[0] != '\0' ? words : curl_easy_strerror(curl));
}

static int
fetch(struct token *token, struct err *err)
{
	struct buf form CLEANUP(secret_done), answer CLEANUP(secret_done);
	char words[CURL_ERROR_SIZE] = "";
	int code = check_url(token, err);

	buf_init(&form, FORM_BYTES);
	buf_init(&answer, ANSWER_BYTES);
	if (code == 0)
		code = make_form(token, &form, err);
	if (code != 0)
		return code;
	set_up(token, &form, &answer, words);
	CURLcode curl = curl_easy_perform(token->curl);
	if (curl != CURLE_OK)
		code = unreachable(token, curl, words, err);
	else
		code = read_answer(token, &answer, err);
	/* Its options point to what ends here. */
	curl_easy_reset(token->curl);
	return code;
}

static bool
holds(const struct token *token)
{
	return token->bearer != NULL && clock_mono_ms() < token->ends_at_ms;
}

/* Not before the server wants, nor for each mail while the old one holds. */
static int
ask(struct token *token, struct err *err)
{
	if (clock_mono_ms() < token->ask_at_ms) {
		*err = token->why;
		return (int)token->why.code;
	}
	int code = fetch(token, err);
	int64_t soon_ms = clock_mono_ms() + ASK_AGAIN_S * MS;
	if (code != 0 && holds(token) && token->ask_at_ms < soon_ms)
		token->ask_at_ms = soon_ms;
	if (code != 0)
		token->why = *err;
	return code;
}

int
token_get(struct token *token, const char **ret_bearer, struct err *err)
{
	if (token->bearer == NULL || clock_mono_ms() >= token->renew_at_ms) {
		int code = ask(token, err);
		/* In the last fifth of its life there is time to try again. */
		if (code != 0 && !holds(token))
			return code;
	}
	*ret_bearer = token->bearer;
	return 0;
}
