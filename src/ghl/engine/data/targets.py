"""What a column of an import can become, for each noun, and the words that people head such columns with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from ghl import nouns
from ghl.errors import Invalid

# One target on each line: name, kind, and its words in English, Spanish, Portuguese, French, German,
# Italian, Dutch and Polish, without accents. Kinds: text, email, phone, list, money, number, date, moment,
# name (of another record), flag.
_CONTACTS = """
id text: id, record id, contact id, ghl id
external_id text: external id, external key, customer id, client id, customer number, crm id, foreign id, uid, euid, id externo, kundennummer, numero client
first_name text: first name, firstname, given name, forename, first, fname, nombre, nombres, primer nombre, nome, primeiro nome, prenom, prenoms, vorname, rufname, voornaam, imie
last_name text: last name, lastname, surname, family name, lname, last, second name, apellido, apellidos, sobrenome, apelido, ultimo nome, nom de famille, nachname, familienname, zuname, cognome, achternaam, nazwisko
name text: name, full name, fullname, contact name, display name, contact, person, lead name, nombre completo, nombre y apellidos, nome completo, nome e cognome, nom complet, nom, vollstandiger name, kontakt, naam, volledige naam, contacto, contato, imie i nazwisko
email email: email, e mail, email address, e mail address, mail, mail address, primary email, email 1, e mail value, email value, work email, correo, correo electronico, direccion de correo, email principal, endereco de email, endereco de e mail, correio eletronico, courriel, adresse email, adresse e mail, adresse mail, adresse electronique, email adresse, e mail adresse, mailadresse, indirizzo email, indirizzo e mail, posta elettronica, emailadres, e mailadres, adres email
emails email: emails, e mails, additional emails, other emails, secondary email, alternate email, other email, correos, emails adicionales
phone phone: phone, phone number, telephone, telephone number, tel, tel no, tel number, phone no, phone value, primary phone, contact number, number, telefono, numero de telefono, telefone, numero de telefone, numero de telephone, telefon, telefonnummer, rufnummer, numero di telefono, telefoonnummer, telefoon, numer telefonu, fon
phones phone: phones, phone numbers, additional phones, other phones, other phone, secondary phone, alternate phone, telefonos
company name: company, company name, organization, organisation, organization name, organisation name, org, account, account name, employer, business, business name, associated company, primary company, empresa, nombre de la empresa, nome da empresa, compania, sociedad, societe, entreprise, nom de l entreprise, firma, firmenname, unternehmen, azienda, societa, ragione sociale, bedrijf, bedrijfsnaam, organisatie, firma nazwa
job_title text: job title, title, position, job, role, occupation, organization title, job position, cargo, puesto, funcao, poste, fonction, titre, berufsbezeichnung, stellung, funktion, funzione, ruolo, qualifica, functie, stanowisko
street text: street, street address, address, address line, address line 1, address 1, street 1, mailing address, mailing street, address street, direccion, calle, domicilio, endereco, rua, morada, adresse, rue, voie, strasse, anschrift, indirizzo, via, straat, adres, ulica
city text: city, town, locality, city town, mailing city, ciudad, localidad, poblacion, municipio, cidade, localidade, ville, commune, stadt, ort, wohnort, citta, comune, stad, plaats, woonplaats, miasto
state text: state, province, region, state province, state region, state code, mailing state, administrative area, estado, provincia, distrito, uf, etat, bundesland, regione, provincie, wojewodztwo
postal_code text: postal code, zip, zip code, zipcode, postcode, post code, mailing zip, zip postal code, postal zip code, plz, cp, cep, codigo postal, c p, code postal, postleitzahl, cap, codice postale, kod pocztowy
country text: country, country region, country code, nation, mailing country, pais, pays, land, paese, nazione, kraj, cc
website text: website, web, web site, url, website url, homepage, web page, site, sitio web, pagina web, web address, site web, site internet, webseite, internetseite, sito, sito web, strona
source text: source, lead source, origin, original source, contact source, origen, fuente, origem, fonte, quelle, herkunft, origine, bron, zrodlo, utm source
tags list: tags, tag, labels, label, groups, group, group membership, etiquetas, etiqueta, etiquettes, schlagworte, kategorien, categories, categorias, etichette, labels groepen
owner name: owner, contact owner, assigned to, assigned user, assignee, account owner, lead owner, sales rep, sales agent, salesperson, agent, propietario, responsable, asignado a, responsavel, proprietario, proprietaire, besitzer, zustandig, verantwortlicher, assegnato a, eigenaar
notes list: notes, note, comments, comment, remarks, description, observations, notas, nota, comentarios, observaciones, observacoes, remarques, commentaires, notizen, notiz, bemerkung, bemerkungen, anmerkungen, kommentar, annotazioni, opmerkingen, notatki, uwagi
birthday date: birthday, date of birth, birth date, birthdate, dob, born, fecha de nacimiento, nacimiento, cumpleanos, data de nascimento, nascimento, aniversario, date de naissance, naissance, geburtsdatum, geburtstag, data di nascita, compleanno, geboortedatum, data urodzenia
zone text: zone, time zone, timezone, zona horaria, fuso horario, fuseau horaire, zeitzone, fuso orario, tijdzone, iana zone
locale text: locale, language, preferred language, idioma, langue, sprache, lingua, taal, jezyk
lifecycle_stage text: lifecycle stage, lifecycle, life cycle stage, etapa, customer type, contact type, etapa del ciclo de vida
lead_score number: score, lead score, points, hubspot score, member rating, puntuacion, pontuacao, punkte
dnd flag: dnd, do not disturb, do not email, do not contact, email opt out, opted out, opt out, unsubscribed, unsubscribed from all email, unsub time, clean time, unsubscribe date, baja
created_at moment: created, created at, create date, date created, date added, signup date, optin time, fecha de alta, fecha de creacion, data de criacao, date de creation, erstellt, angelegt am
"""
_COMPANIES = """
id text: id, record id, company id, ghl id
external_id text: external id, external key, customer number, crm id, id externo, kundennummer, company number, account id
name name: name, company, company name, account, account name, organization, organisation, business name, legal name, empresa, nombre, razon social, nombre de la empresa, nome, nome da empresa, societe, entreprise, raison sociale, nom, firma, firmenname, unternehmen, azienda, ragione sociale, bedrijf, bedrijfsnaam, naam, nazwa
domain text: domain, domain name, company domain, company domain name, email domain, dominio, domaine
website text: website, web, web site, url, website url, homepage, company website, sitio web, pagina web, site, site web, webseite, sito web
phone phone: phone, phone number, telephone, tel, company phone, main phone, telefono, telefone, telefon, telefonnummer, telefoonnummer, telefoon
industry text: industry, sector, vertical, business sector, industria, rubro, setor, secteur, secteur d activite, branche, settore, sector industrial, branza
employees number: employees, number of employees, employee count, headcount, size, company size, staff, empleados, numero de empleados, funcionarios, salaries, effectif, mitarbeiter, anzahl mitarbeiter, dipendenti, werknemers
founded number: founded, year founded, year established, established, foundation year, founding year, ano de fundacion, ano de fundacao, annee de creation, grundungsjahr, anno di fondazione
revenue money: revenue, annual revenue, turnover, yearly revenue, sales revenue, ingresos, facturacion, receita, faturamento, chiffre d affaires, umsatz, jahresumsatz, fatturato, omzet
street text: street, street address, address, address line 1, address 1, billing street, billing address, direccion, calle, endereco, rua, morada, adresse, rue, strasse, anschrift, indirizzo, via, straat, adres
city text: city, town, billing city, ciudad, localidad, cidade, ville, stadt, ort, citta, stad, plaats, miasto
state text: state, province, region, state region, state province, billing state, estado, provincia, etat, bundesland, regione, provincie
postal_code text: postal code, zip, zip code, zipcode, postcode, billing zip, codigo postal, cep, code postal, plz, postleitzahl, cap
country text: country, country region, country code, location, office location, billing country, pais, pays, land, paese, kraj
parent name: parent, parent company, parent account, subsidiary of, parent organization, holding, matriz, empresa matriz, casa matriz, societe mere, maison mere, muttergesellschaft, mutterfirma, societa madre, moederbedrijf
owner name: owner, company owner, account owner, account manager, sales rep, assigned to, propietario, responsable, responsavel, proprietaire, zustandig, besitzer
tags list: tags, tag, labels, etiquetas, etiquettes, schlagworte, categories
description text: description, about, notes, note, about us, descripcion, descricao, beschreibung, descrizione, beschrijving
created_at moment: created, created at, create date, date created
"""
_DEALS = """
id text: id, record id, deal id, ghl id
external_id text: external id, opportunity id, external key, deal number, crm id, id externo, order id
name text: name, deal name, deal, opportunity, opportunity name, title, deal title, negocio, nombre, nombre del negocio, oportunidad, nome do negocio, affaire, nom de l affaire, opportunite, geschaft, deal titel, opportunita, trattativa
owner name: owner, deal owner, opportunity owner, sales agent, sales rep, salesperson, assigned to, agent, propietario, responsable, vendedor, responsavel, commercial, verkaufer, zustandig, venditore
product name: product, product name, item, producto, produto, produit, produkt, prodotto
company name: company, company name, account, account name, organization, associated company, business name, empresa, cliente, societe, client, firma, kunde, azienda, bedrijf
contact name: contact, contact name, primary contact, email, contact email, associated contact, person, contacto, correo, contato, kontakt, contatto
stage name: stage, deal stage, pipeline stage, opportunity stage, sales stage, etapa, fase, etapa del negocio, etape, phase, verkaufsphase
pipeline name: pipeline, pipeline name, sales pipeline, embudo, funil, tunnel, trichter
status text: status, deal status, state, won lost, outcome, estado, statut, stato
amount money: amount, value, deal value, deal amount, close value, lead value, opportunity value, monetary value, total, price, revenue, importe, valor, monto, montant, valeur, betrag, wert, importo, valore, bedrag, waarde, kwota
currency text: currency, currency code, deal currency, moneda, moeda, devise, wahrung, valuta
opened_at moment: opened, opened at, open date, start date, engage date, created, created at, create date, date created, created on, fecha de inicio, fecha de creacion, data de inicio, date d ouverture, date de creation, erstellt, startdatum
closed_at moment: closed, closed at, closed date, closed on, won date, date closed
close_date moment: close date, closing date, deal close date, fecha de cierre, data de fechamento, date de cloture, date de fermeture, abschlussdatum, data di chiusura, sluitingsdatum
expected_close_at date: expected close, expected close date, expected close at, expected close on, estimated close date, forecast date, fecha estimada de cierre, fecha prevista de cierre, previsao de fechamento, voraussichtliches abschlussdatum
lost_reason text: lost reason, loss reason, closed lost reason, reason lost, motivo de perdida, motivo da perda, raison de la perte, verlustgrund
probability number: probability, win probability, likelihood, deal probability, probabilidad, probabilidade, probabilite, wahrscheinlichkeit
source text: source, lead source, deal source, origen, origem, quelle
tags list: tags, tag, labels, etiquetas, etiquettes
description text: description, notes, note, comments, details, descripcion, descricao, beschreibung, descrizione
"""
_PRODUCTS = """
id text: id, record id, product id, ghl id
external_id text: external id, external key, id externo
name text: name, product, product name, item, item name, title, producto, nombre, produto, nome, produit, nom, produkt, prodotto
sku text: sku, code, product code, item number, item code, article number, reference, ref, codigo, referencia, artikelnummer, codice
family text: family, series, category, product family, product line, product type, type, familia, categoria, serie, famille, categorie, kategorie
price money: price, unit price, sales price, list price, amount, cost, precio, preco, prix, preis, prezzo, prijs, cena
currency text: currency, currency code, moneda, moeda, devise, wahrung, valuta
active flag: active, enabled, is active, available, activo, ativo, actif, aktiv, attivo
description text: description, details, notes, descripcion, descricao, beschreibung, descrizione
"""
_NOTES = """
id text: id, note id, ghl id
external_id text: external id, external key, id externo
body text: body, note, notes, text, content, comment, comments, nota, notas, contenido, texto, contenu, notiz, inhalt, testo
contact name: contact, email, contact email, contact name, e mail, correo, contacto, contato, kontakt, contatto
company name: company, company name, account, organization, empresa, societe, firma, azienda
deal name: deal, deal name, opportunity, negocio, oportunidad, affaire
owner name: owner, author, created by, user, autor, auteur, verfasser, autore
pinned flag: pinned, is pinned, fijada, epingle, angeheftet
created_at moment: created, created at, date, create date, created on, fecha, data, datum
"""
_TASKS = """
id text: id, task id, ghl id
external_id text: external id, external key, id externo
title text: title, task, task name, subject, name, to do, todo, titulo, tarea, tarefa, asunto, titre, tache, titel, aufgabe, betreff, titolo, compito, taak
body text: body, description, notes, note, details, descripcion, descricao, beschreibung, descrizione
due_at moment: due, due date, due at, deadline, due on, vencimiento, fecha de vencimiento, fecha limite, prazo, echeance, date d echeance, fallig, falligkeitsdatum, scadenza, vervaldatum
owner name: owner, assignee, assigned to, responsible, responsable, asignado a, responsavel, assigne, zustandig, assegnato a
status text: status, state, estado, statut, stato
done_at moment: done, done at, completed, completed at, completed date, date completed, completada, terminee, erledigt, completato
kind text: kind, type, task type, tipo, typ
priority text: priority, importance, prioridad, prioridade, priorite, prioritat, priorita
contact name: contact, email, contact email, contact name, correo, contacto, contato, kontakt
company name: company, company name, account, organization, empresa, societe, firma
deal name: deal, deal name, opportunity, negocio, oportunidad, affaire
"""
_USERS = """
id text: id, user id, ghl id
external_id text: external id, employee id, external key
name name: name, full name, sales agent, agent, sales rep, salesperson, user, employee, owner, nombre, nome, nom, mitarbeiter
email text: email, e mail, mail, email address, correo, courriel
manager text: manager, boss, team lead, supervisor, jefe, gerente, responsable, vorgesetzter
office text: office, regional office, region, branch, location, oficina, escritorio, bureau, buro
zone text: zone, time zone, timezone
"""
_SUPPRESSIONS = """
address text: address, email, e mail, email address, e mail address, phone, phone number, recipient, correo, mail
channel text: channel, kind, type
reason text: reason, cause, status
source text: source, origin, list, campaign
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column can fill."""

    name: str
    kind: str
    words: tuple[str, ...]


_TEXTS = {
    "contacts": _CONTACTS, "companies": _COMPANIES, "deals": _DEALS, "products": _PRODUCTS, "notes": _NOTES,
    "tasks": _TASKS, "users": _USERS, "suppressions": _SUPPRESSIONS,
}  # fmt: skip
NOUNS = tuple(_TEXTS)


@lru_cache(maxsize=len(_TEXTS))
def targets(noun: str) -> dict[str, Target]:
    """The fields of a noun that an import can fill, by name; custom ones are `custom.<key>` beside them."""
    if noun not in _TEXTS:
        raise Invalid(f"{noun} cannot be imported", hint=", ".join(NOUNS))
    found: dict[str, Target] = {}
    for line in _TEXTS[noun].strip().splitlines():
        head, _, words = line.partition(": ")
        name, kind = head.split()
        # The field's own name is always a word for it, so that an export maps to itself.
        own = name.replace("_", " ")
        found[name] = Target(name, kind, tuple(dict.fromkeys((own, *words.split(", ")))))
    return found


@lru_cache(maxsize=len(_TEXTS))
def words(noun: str) -> dict[str, Target]:
    """The target of each word; the fields' own names win, then the earlier line."""
    found = {name.replace("_", " "): target for name, target in targets(noun).items()}
    for target in targets(noun).values():
        for word in target.words:
            found.setdefault(word, target)
    return found


def check_target(noun: str, name: str, custom: Collection[str] = ()) -> str:
    """The target's name, `custom.` put before a declared custom field; an unknown one raises Invalid."""
    if name in targets(noun):
        return name
    key = name.removeprefix("custom.")
    if key in custom:
        return f"custom.{key}"
    import difflib  # only when something went wrong

    known = [*targets(noun), *(f"custom.{one}" for one in custom)]
    close = difflib.get_close_matches(name, known, 1)
    if name.startswith("custom."):
        hint = f"ghl fields add {key} --noun {nouns.NOUNS[noun].singular} --type text"
    else:
        hint = f"{close[0]}?" if close else f"fields: {', '.join(targets(noun))}, custom.KEY"
    raise Invalid(f'an import of {noun} has no field "{name}"', hint=hint, field=name)
