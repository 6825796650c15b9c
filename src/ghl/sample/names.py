"""Given and family names by the language of a place."""

from __future__ import annotations

GIVEN: dict[str, str] = {
    "pt": "Maria Ana Inês Beatriz Mariana Carolina Leonor Matilde Francisca Catarina Rita Joana Sofia Marta Teresa "
    "Helena Filipa Luísa Margarida Sara João Miguel Pedro Tiago Rui Diogo Gonçalo Nuno Ricardo Duarte Tomás André "
    "Bruno Vasco Luís Hugo Paulo Jorge Afonso Henrique",
    "br": "Ana Júlia Larissa Camila Fernanda Bruna Letícia Gabriela Amanda Juliana Patrícia Renata Aline Tatiana "
    "Vitória Lucas Gabriel Mateus Felipe Rafael Thiago Gustavo Rodrigo Leandro Marcelo Eduardo Caio Vinícius Fábio",
    "es": "Lucía Paula Carmen Laura Marta Elena Cristina Pilar Isabel Rocío Nuria Alba Irene Silvia Raquel Beatriz "
    "Ainhoa Montserrat Mercedes Julia Javier Pablo Álvaro Sergio Diego Carlos Jaime Iván Rubén Óscar Andrés Raúl "
    "Ignacio Gonzalo Marcos Víctor Jordi Íñigo Fernando Alejandro",
    "en": "Emily Grace Olivia Charlotte Hannah Rebecca Lucy Alice Eleanor Harriet Sophie Megan Georgia Zoe Amelia "
    "Chloe Nicole Rachel Claire Naomi James Oliver Thomas Daniel Samuel Benjamin Matthew Jack Harry Edward Luke "
    "Adam Nathan George Callum Peter Simon Owen Liam Ethan",
    "us": "Madison Ashley Jessica Abigail Hailey Brianna Destiny Kayla Allison Savannah Priya Mei Guadalupe Aaliyah "
    "Leah Christopher Joshua Tyler Brandon Austin Marcus Jamal Ravi Wei Diego Ryan Justin Derek Caleb Logan Noah "
    "Isaac Darnell Hector Vivian Monica Karen Denise Tasha Ingrid",
    "ie": "Aoife Niamh Ciara Saoirse Róisín Sinéad Orla Clodagh Gráinne Emer Cian Conor Seán Eoin Darragh Oisín "
    "Fionn Padraig Ronan Declan",
    "de": "Anna Lena Katharina Julia Sabine Heike Franziska Johanna Miriam Petra Birgit Svenja Greta Theresa Ulrike "
    "Lukas Jonas Maximilian Felix Sebastian Matthias Stefan Jürgen Tobias Florian Björn Markus Andreas Kai Holger",
    "fr": "Camille Léa Manon Chloé Juliette Élodie Aurélie Céline Margaux Sandrine Hélène Claire Noémie Inès Amélie "
    "Antoine Julien Nicolas Thibault Étienne Mathieu Benoît Guillaume Rémi Quentin Laurent François Yann Olivier Hugo",
    "it": "Giulia Chiara Francesca Martina Elisa Valentina Alessia Federica Silvia Paola Ilaria Benedetta Marco "
    "Luca Matteo Alessandro Davide Lorenzo Simone Stefano Giovanni Riccardo Filippo Nicolò Pietro Emanuele",
    "nl": "Sanne Femke Lotte Fleur Anouk Marieke Roos Iris Eva Maaike Daan Sem Bram Thijs Joost Ruben Sander "
    "Maarten Wouter Pieter Jeroen Bas Niels Koen",
}

FAMILY: dict[str, str] = {
    "pt": "Alves Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Gomes "
    "Lopes Marques Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira Monteiro "
    "Cardoso Rocha Neves Coelho Cruz Cunha Pires Ramos Reis Simões Antunes Matos Fonseca Tavares Barros",
    "br": "Souza Lima Araújo Barbosa Cavalcanti Nascimento Melo Batista Freitas Andrade Moraes Cardoso Dias Castro "
    "Campos Teles Macedo Guimarães Pacheco Brandão Queiroz Aguiar Siqueira Bezerra",
    "es": "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández "
    "Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Gil Serrano Blanco Molina "
    "Ortega Delgado Castro Rubio Iglesias Cortés Garrido Santana Etxeberria Puig Ferrer Vidal",
    "en": "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker White Edwards Hughes Green "
    "Hall Lewis Harris Clarke Jackson Wood Turner Hill Scott Cooper Morris Ward Moore King Watson Baker Harrison "
    "Morgan Young Allen Mitchell Khan Anderson Phillips Whitfield Ashworth Pemberton Okafor Begum Campbell Fraser",
    "us": "Miller Garcia Nguyen Martinez Robinson Rivera Thompson Carter Collins Reyes Murphy Bailey Cooper Kim Ortiz "
    "Howard Ramirez Brooks Kelly Sanders Price Bennett Wong Jimenez Powell Chen Ross Washington Foster Hughes Patel "
    "Hayes Sullivan Delgado Freeman Tucker Cole Weaver Rosales Lindqvist Schneider Abrams Novak Haddad Osei",
    "ie": "Murphy Kelly O'Sullivan Walsh Byrne Ryan O'Connor Doyle McCarthy Gallagher Doherty Kennedy Lynch Quinn "
    "Moran Fitzgerald Nolan Brennan Keane Duffy",
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf "
    "Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Werner Krause Lehmann Maier Köhler Huber Vogel "
    "Friedrich Keller Günther Frank Berger Winkler Yılmaz Kaya Nowak Seidel",
    "fr": "Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Roux Fournier "
    "Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Mercier Blanc Guérin Boyer Garnier Chevalier François "
    "Legrand Gauthier Perrin Robin Clément Morin Nguyen Henry Roussel Mathieu Benali",
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Giordano "
    "Mancini Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone",
    "nl": "de Jong|Jansen|de Vries|van den Berg|van Dijk|Bakker|Janssen|Visser|Smit|Meijer|de Boer|Mulder|de Groot|"
    "Bos|Vos|Peters|Hendriks|van Leeuwen|Dekker|Brouwer|de Wit|Dijkstra|Smits|van der Meer",
}


def given_names(language: str) -> list[str]:
    return GIVEN[language].split(" ")


def family_names(language: str) -> list[str]:
    names = FAMILY[language]
    return names.split("|") if "|" in names else names.split(" ")
